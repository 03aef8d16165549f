"""Which line, question, alert, task or standing rule implements each clause of the plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.documents import BrokenDocument, read
from ivr.playbook import model as m
from ivr.playbook.schema import ClausesYaml

FILE = "playbooks/clauses.yaml"
ACCEPTED = {
    "say": {"line", "question", "task", "policy"},
    "ask": {"question", "task"},
    "notify": {"alert", "task"},
    "approve": {"consent"},
    "record": {"record", "question", "task", "policy"},
    "act": {"task", "alert", "line", "policy"},
    "forbid": {"line", "task"},
    "policy": {"policy", "line", "question", "alert", "task"},
    "scope": {"policy", "line", "question", "alert", "task"},
}
"""Kind of clause -> what can fulfil it. What a person must do or ask is a task on their card."""


@dataclass(frozen=True, slots=True)
class Row:
    """One clause or override and all that implements it, as `what id` ("line FIRE-L1")."""

    clause: str
    kinds: tuple[str, ...]
    quote: str
    by: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every kind of duty in the clause has something that fulfils it."""
        ways = {what.split(" ")[0] for what in self.by}
        return bool(self.by) and all(ACCEPTED[kind] & ways for kind in self.kinds)

    def __str__(self) -> str:
        return f"{self.clause:12} {'/'.join(self.kinds):14} {', '.join(self.by) or '- nothing -'}"


def clause_map(library: m.Library, files: Mapping[str, str]) -> list[Row]:
    """Return one row for each clause and override, in the plan's order.

    Args:
        files: the texts of the edition; `playbooks/clauses.yaml` lists the plan's clauses.

    Raises:
        BrokenDocument: that file is missing or wrong.
    """
    if FILE not in files:
        raise BrokenDocument(FILE, 1, "$", "missing; it lists the plan's clauses")
    listed = read(files[FILE], FILE, ClausesYaml)
    found = implementations(library)
    rows = [
        Row(name, tuple(c.kind), c.quote, tuple(found.get(name, ())))
        for name, c in listed.clauses.items()
    ]
    return rows + [
        Row(name, ("policy",), o.says, tuple(found.get(name, ())))
        for name, o in listed.overrides.items()
    ]


def unlisted(library: m.Library, rows: list[Row]) -> list[str]:
    """Clause ids that the playbooks name and the plan does not have."""
    known = {row.clause for row in rows}
    return [name for name in implementations(library) if name not in known]


def implementations(library: m.Library) -> dict[str, list[str]]:
    """Clause or override -> what names it; a line that is never said implements nothing."""
    found: dict[str, list[str]] = {}
    silent = unspoken(library)
    for book in library.playbooks.values():
        for clause, what in _named(book, silent):
            found.setdefault(clause, []).append(what)
    return found


def unspoken(library: m.Library) -> set[str]:
    """Lines and questions that no step, first line, phrase or key entry ever says."""
    said = {line for lines in library.phrases.values() for line in lines}
    said |= {line for rung in library.silence for line in rung.lines}
    for book in library.playbooks.values():
        said |= set(_said(book))
    held = {x for book in library.playbooks.values() for x in (*book.lines, *book.questions)}
    return held - said


def _said(book: m.Playbook) -> Iterator[str]:
    for first in book.first:
        yield from (*first.say, first.ask or "")
    for step in book.steps:
        if isinstance(step, m.AskStep):
            yield from (step.question, step.line or "")
        else:
            yield from step.lines
    for limit in book.limits:
        yield from limit.lines
    yield book.confirm or ""
    for question in book.questions.values():
        yield from (part.line for part in question.parts)


def _named(book: m.Playbook, silent: set[str]) -> Iterator[tuple[str, str]]:
    for line in book.lines.values():
        if line.id not in silent:
            yield from ((clause, f"line {line.id}") for clause in line.clauses)
    for question in book.questions.values():
        if question.id not in silent:
            yield from ((clause, f"question {question.id}") for clause in question.clauses)
    for alert in book.alerts:
        yield from ((clause, f"alert {book.name}.{alert.key}") for clause in alert.clauses)
    for task in book.tasks:
        yield from ((clause, f"{way} {book.name}.{task.key}") for clause, way in _ways(task))
    yield from ((clause, f"policy {book.name}") for clause in book.policies)


def _ways(task: m.Task) -> Iterator[tuple[str, str]]:
    for clause in task.clauses:
        yield clause, "task"
        if task.records:
            yield clause, "record"
        if task.consent:
            yield clause, "consent"
