"""What a playbook must keep that no schema can see. Plain sentences for the people who edit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.incident.model import Lang
from ivr.playbook import model as m

PSEUDO_FACTS = frozenset(
    {
        "place",
        "number",
        "home",
        "category",
        "playbook",
        "subtype",
        "severity",
        "also",
        "running",
        "called_before",
        "opened",
        "alert",
        "ack",
        "intercom",
        "test",
        "lang",
        "unclear",
        "suspected",
    }
)
PHRASES = (
    *("greeting", "english_hint", "recorded", "accepted", "acknowledged", "test"),
    *("reprompt", "reprompt_first", "reprompt_place", "menu", "person", "nobody"),
    *("message", "message_noted", "read_back", "place_again", "home_before", "home_after"),
    *("yes_no_keys", "noted", "closing", "listening", "failure", "staff_card", "staff_keys"),
)
TIMING = (
    *("patience_s", "keys_quiet_s", "keys_gap_s", "alert_by_s", "transfer_s", "message_s"),
    "limit_margin_s",
)
LONGEST = {"zh": 20, "en": 95}
"""Characters of a line that can be heard in one breath (flows: 20; English about 12 s)."""
VERBATIM = "FIRE-A3c"
"""The plan's own sentence may be longer: it is read word for word, in two breaths."""


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}, {self.path}: {self.problem}"


def lint(library: m.Library) -> list[Problem]:
    """Return everything wrong, worst first; empty when the edition may answer calls."""
    found = [*_common(library), *_twice(library)]
    for book in library.playbooks.values():
        found += [Problem(f"playbooks/{book.name}.yaml", p, x) for p, x in _book(book, library)]
    for lang, texts in library.texts.items():
        found += [Problem(f"prompts/{lang}", f"$.{k}", x) for k, x in _texts(lang, texts, library)]
    return found


def _common(library: m.Library) -> Iterator[Problem]:
    file = "playbooks/_common.yaml"
    yield from (Problem(file, where, x) for where, x in _phrases(library))
    for name in TIMING:
        if name not in library.timing:
            yield Problem(file, f"$.timing.{name}", "missing; give seconds")
    for name in (library.fallback, library.silent, library.none):
        if name not in library.playbooks:
            yield Problem(file, "$", f"there is no playbook {name!r}")
    for index, diversion in enumerate(library.diversions):
        where = f"$.diversions[{index}]"
        if diversion.playbook not in library.playbooks:
            yield Problem(file, where, f"there is no playbook {diversion.playbook!r}")
        yield from (Problem(file, where, x) for x in _facts(diversion.condition, library))
    yield from (Problem(file, "$.resolved", x) for x in _facts(library.resolved, library))


def _phrases(library: m.Library) -> Iterator[tuple[str, str]]:
    for role in PHRASES:
        if not library.phrases.get(role):
            yield f"$.phrases.{role}", "missing; name the lines spoken for it"
    for role, lines in library.phrases.items():
        for line in lines:
            if library.line(line) is None:
                yield f"$.phrases.{role}", f"no playbook holds the line {line}"


def _twice(library: m.Library) -> Iterator[Problem]:
    """What must be one playbook's alone."""
    seen: dict[str, str] = {}
    for book in library.playbooks.values():
        own = [("$.category", f"category {book.category}")] if book.category else []
        own += [("$.key", f"menu key {book.key}")] if book.key else []
        own += [(f"$.lines.{x}", f"line {x}") for x in book.lines]
        own += [(f"$.questions.{x}", f"question {x}") for x in book.questions]
        for where, what in own:
            if what in seen:
                problem = f"{what} is {seen[what]}'s already; choose another"
                yield Problem(f"playbooks/{book.name}.yaml", where, problem)
            seen.setdefault(what, book.name)


def _book(book: m.Playbook, library: m.Library) -> Iterator[tuple[str, str]]:
    if book.first[-1].condition != m.ALWAYS:
        yield "$.first", "the last entry must have no condition: every caller hears a first line"
    for index, first in enumerate(book.first[:-1]):
        if first.condition == m.ALWAYS:
            yield f"$.first[{index}]", "entries behind one without a condition are never reached"
    for where, lines in _spoken(book):
        for line in lines:
            if library.line(line) is None and not _is_question(library, line):
                yield where, f"no playbook holds the line {line}; add it under lines"
    yield from _questions(book, library)
    for where, condition in _conditions(book):
        yield from ((where, x) for x in _facts(condition, library))
    if book.category and not any(a for a in book.alerts):
        yield "$.alerts", "nobody is alerted by this playbook"
    ends = [s for s in book.steps if isinstance(s, m.ReleaseStep | m.StayStep | m.TransferStep)]
    if book.steps and not ends:
        yield "$.steps", "no step ends the call: add release, stay or transfer"


def _is_question(library: m.Library, name: str) -> bool:
    return any(name in p.questions for p in library.playbooks.values())


def _spoken(book: m.Playbook) -> Iterator[tuple[str, tuple[str, ...]]]:
    for index, first in enumerate(book.first):
        yield f"$.first[{index}]", first.say
    for step in book.steps:
        match step:
            case m.SayStep() | m.StayStep() | m.ReleaseStep() | m.TransferStep():
                yield f"$.steps[{step.key}]", step.lines
            case m.AskStep():
                yield f"$.steps[{step.key}]", (step.line,) if step.line else ()
    if book.confirm:
        yield "$.confirm", (book.confirm,)


def _questions(book: m.Playbook, library: m.Library) -> Iterator[tuple[str, str]]:
    asked = {s.question for s in book.steps if isinstance(s, m.AskStep)}
    asked |= {f.ask for f in book.first if f.ask}
    for question in sorted(asked):
        if not _is_question(library, question):
            yield "$.steps", f"no playbook holds the question {question}"
    for held in book.questions.values():
        yield from ((f"$.questions.{held.id}", x) for x in _question(held, library))


def _question(question: m.Question, library: m.Library) -> Iterator[str]:
    if not question.parts:
        yield "no keys: every question can be answered by keys"
    for slot in question.slots:
        if slot not in library.facts:
            yield f"{slot} is not in facts.yaml"
    for part in question.parts:
        if library.line(part.line) is None:
            yield f"no playbook holds the line {part.line} that explains its keys"
        if not (part.keys or part.number or part.place):
            yield f"the keys of {part.line} set nothing: give keys, number or place"
    filled = [facts for part in question.parts for facts in part.keys.values()]
    for facts in (*filled, question.unanswered):
        for fact, value in facts.items():
            yield from _facts(m.Condition(((m.Test(fact, (value,)),),)), library)
    if not question.clauses and not question.source:
        yield "name the clauses or the source that back this question"


def _conditions(book: m.Playbook) -> Iterator[tuple[str, m.Condition]]:
    for index, first in enumerate(book.first):
        yield f"$.first[{index}]", first.condition
    for step in book.steps:
        yield f"$.steps[{step.key}]", step.condition
    for alert in book.alerts:
        yield f"$.alerts[{alert.key}]", alert.condition
    for task in book.tasks:
        yield f"$.tasks[{task.key}]", task.condition
    for limit in book.limits:
        yield "$.limits", limit.condition
    for rule in book.raises:
        yield "$.raise", rule.condition
    if book.quiet:
        yield "$.quiet", book.quiet


def _facts(condition: m.Condition, library: m.Library) -> Iterator[str]:
    for row in (*condition.when, *condition.unless):
        for test in row:
            if test.fact in PSEUDO_FACTS:
                continue
            kind = library.facts.get(test.fact)
            if kind is None:
                yield f"{test.fact} is not in facts.yaml; add it there or correct its spelling"
                continue
            for value in test.values:
                known = value in (*kind.values, m.KNOWN, m.UNKNOWN)
                if not known and not kind.free:
                    yield f"{test.fact} cannot be {value!r}; it is one of {', '.join(kind.values)}"


def _texts(
    lang: Lang, texts: Mapping[str, str], library: m.Library
) -> Iterator[tuple[str, str]]:
    for book in library.playbooks.values():
        for line in (*book.lines, *book.questions):
            if line not in texts:
                yield line, f"no text in prompts/{lang}; every line needs both languages"
    for line, text in texts.items():
        for word, why in library.forbidden.get(lang, {}).items():
            if word.casefold() in text.casefold():
                yield line, f"never say {word!r}: {why}; word it otherwise"
        verbatim = VERBATIM in library.clauses_of(line)
        longest = LONGEST["en" if text.isascii() else lang]
        if len(text) > longest and not verbatim:
            yield line, f"{len(text)} characters; at most {longest} can be taken in"
        if library.line(line) is None and not _is_question(library, line):
            yield line, "no playbook holds this line: nothing backs it"
