"""Compiles the texts of one revision into a `Library`."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ivr.documents import BrokenDocument, parse, read
from ivr.incident.model import Lang, Severity
from ivr.playbook import model as m
from ivr.playbook import schema as s

COMMON = "_common"
LANGS: tuple[Lang, ...] = ("zh", "en")
TABLES = frozenset({"facts", "precedence", "card", "sheets", "clauses", "forbidden"})
"""Files beside the playbooks that are none."""


def compile_library(files: Mapping[str, str]) -> m.Library:
    """Build the library of one revision.

    Args:
        files: path relative to the edition -> text: `playbooks/<name>.yaml`,
            `playbooks/_common.yaml`, `playbooks/facts.yaml`, `prompts/<lang>/<name>.yaml`.

    Raises:
        BrokenDocument: names file, line, path and what would be right.
    """
    common = read(required(files, "playbooks/_common.yaml"), "playbooks/_common.yaml", s.CommonYaml)
    playbooks = {p.name: p for p in (_playbook(*file) for file in _playbook_files(files))}
    shared = _shared(common)
    playbooks[shared.name] = shared
    return m.Library(
        revision=revision_of(files),
        playbooks=MappingProxyType(playbooks),
        facts=MappingProxyType(_facts(required(files, "playbooks/facts.yaml"))),
        phrases={name: tuple(lines) for name, lines in common.phrases.items()},
        menu={p.key: p.name for p in playbooks.values() if p.key},
        diversions=tuple(m.Diversion(d.playbook, _condition(d)) for d in common.diversions),
        resolved=_condition(common.resolved),
        silence=tuple(m.SilenceStep(x.after_s, tuple(x.lines), x.act) for x in common.silence),
        fallback=common.fallback,
        silent=common.silent,
        none=common.none,
        timing=common.timing,
        texts={lang: _texts(files, lang) for lang in LANGS},
        forbidden=_forbidden(files),
    )


def revision_of(files: Mapping[str, str]) -> str:
    """Twelve hex digits that change when any text of the edition changes."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name]}\0".encode())
    return digest.hexdigest()[:12]


def required(files: Mapping[str, str], name: str) -> str:
    """The text of a file no edition is whole without. Raises BrokenDocument."""
    if name not in files:
        raise BrokenDocument(name, 1, "$", "missing; put the file back")
    return files[name]


def _playbook_files(files: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Every file that is no table must be a playbook: one that was emptied is not passed over."""
    found = []
    for path, text in sorted(files.items()):
        folder, _, name = path.rpartition("/")
        if folder != "playbooks" or name.startswith("_") or name.removesuffix(".yaml") in TABLES:
            continue
        data = parse(text, path)
        if not isinstance(data, dict) or "playbook" not in data:
            problem = "not a playbook; begin it with `playbook: <name>`, or remove the file"
            raise BrokenDocument(path, 1, "$", problem)
        found.append((path, text))
    return found


def _texts(files: Mapping[str, str], lang: Lang) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for path, text in sorted(files.items()):
        if path.startswith(f"prompts/{lang}/") and not path.endswith("/spoken.yaml"):
            data = parse(text, path) or {}
            if not isinstance(data, dict):
                problem = "prompts are written as `LINE-ID: the text`"
                raise BrokenDocument(path, 1, "$", problem)
            for line, words in data.items():
                if not isinstance(words, str) or not words.strip():
                    problem = "a prompt is a text in quotes"
                    raise BrokenDocument(path, 1, f"$.{line}", problem)
                if line in texts:
                    raise BrokenDocument(path, 1, f"$.{line}", "this line id stands twice")
                texts[line] = words
    return MappingProxyType(texts)


def _forbidden(files: Mapping[str, str]) -> Mapping[Lang, Mapping[str, str]]:
    name = "playbooks/forbidden.yaml"
    if name not in files:
        raise BrokenDocument(name, 1, "$", "missing; it lists the words that are never spoken")
    return read(files[name], name, s.ForbiddenYaml).root


def _facts(text: str) -> dict[str, m.FactKind]:
    checked = read(text, "playbooks/facts.yaml", s.FactsYaml).root
    return {name: _fact(kind) for name, kind in checked.items()}


def _fact(kind: s.FactYaml) -> m.FactKind:
    values = () if isinstance(kind.values, str) else tuple(v for v in kind.values if v != "text")
    free = isinstance(kind.values, str) or "text" in kind.values
    return m.FactKind(values, free, kind.values == "number", tuple(kind.red), kind.hazard)


def _rows(rows: s.Rows | None) -> tuple[tuple[m.Test, ...], ...]:
    if rows is None:
        return ()
    return tuple(
        tuple(
            m.Test(fact, (values,) if isinstance(values, str) else tuple(values))
            for fact, values in row.items()
        )
        for row in (rows if isinstance(rows, list) else [rows])
    )


def _condition(of: s.Conditional) -> m.Condition:
    return m.Condition(_rows(of.when), _rows(of.unless))


def _step(index: int, y: s.StepYaml) -> m.Step:
    key, condition = y.id or f"{index}", _condition(y)
    if y.say is not None:
        return m.SayStep(key, tuple(y.say), condition)
    if y.ask is not None:
        return m.AskStep(key, y.ask, condition, y.patience_s, y.once, y.line)
    if y.stay is not None:
        return m.StayStep(key, tuple(y.stay.lines), y.stay.every_s, condition)
    if y.release is not None:
        return m.ReleaseStep(key, tuple(y.release), condition, y.desk)
    return m.TransferStep(key, tuple(y.lines), y.transfer or "", condition)


def _question(name: str, y: s.QuestionYaml) -> m.Question:
    parts = tuple(m.KeyPart(p.line, p.keys, p.number, p.place) for p in y.keys)
    return m.Question(
        name,
        tuple(y.slots),
        y.kind,
        tuple(y.clauses),
        y.source,
        parts,
        y.essential,
        y.unanswered,
    )


def _line(name: str, y: s.LineYaml) -> m.Line:
    return m.Line(name, tuple(y.clauses), y.source, y.when, y.barge_in)


def _alert(y: s.AlertYaml) -> m.Alert:
    return m.Alert(
        y.key, tuple(y.roles), tuple(y.clauses), _condition(y), y.after_s, y.desk
    )


def _task(y: s.TaskYaml) -> m.Task:
    return m.Task(
        y.key,
        tuple(y.clauses),
        tuple(y.roles),
        {"zh": y.zh, "en": y.en},
        _condition(y),
        y.due_s,
        tuple(y.records),
        y.consent,
        y.sheet,
    )


def _playbook(path: str, text: str) -> m.Playbook:
    y = read(text, path, s.PlaybookYaml)
    return m.Playbook(
        name=y.playbook,
        category=y.category,
        title={lang: y.title[lang] for lang in LANGS},
        confirm=y.confirm,
        key=y.key,
        source=y.source,
        reviewed_by=y.reviewed.by,
        severity=y.severity,
        raises=tuple(m.Raise(r.to, _condition(r)) for r in y.raises),
        first=tuple(m.First(tuple(f.say), _condition(f), f.ask) for f in y.first),
        steps=tuple(_step(i, x) for i, x in enumerate(y.steps)),
        alerts=tuple(map(_alert, y.alerts)),
        tasks=tuple(map(_task, y.tasks)),
        limits=tuple(m.Limit(x.within_s, tuple(x.lines), _condition(x)) for x in y.limits),
        quiet=_condition(y.quiet) if y.quiet else None,
        questions={q: _question(q, x) for q, x in y.questions.items()},
        lines={k: _line(k, x) for k, x in y.lines.items()},
        policies=y.policies,
    )


def _shared(common: s.CommonYaml) -> m.Playbook:
    """The common lines as a playbook of their own, so that every line is found in one way."""
    return m.Playbook(
        name=COMMON,
        category=None,
        title={"zh": COMMON, "en": COMMON},
        confirm=None,
        key=None,
        source="safety 2.1",
        reviewed_by=None,
        severity=Severity.LOW,
        raises=(),
        first=(m.First((), m.ALWAYS),),
        steps=(),
        alerts=(),
        tasks=(),
        limits=(),
        quiet=None,
        questions={},
        lines={k: _line(k, x) for k, x in common.lines.items()},
        policies=common.policies,
    )
