"""The card and the one-message text of an incident (safety 4.2): facts and quotes, no judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ivr.incident.model import HeardBy, Told
from ivr.incident.record import IncidentRecord, TimelineEntry
from ivr.incident.words import CardWords, Part, clock, dangers, fill, masked, where

QUOTE = 20
"""Characters of the caller's own words on the card (safety 4.2)."""


@dataclass(frozen=True, slots=True)
class Texts:
    short: str
    """At most `limit` (70) characters: one Chinese text message."""
    card: str
    """At most ten lines."""


def texts(
    incident: IncidentRecord,
    words: CardWords,
    zone: tzinfo,
    now: datetime,
    *,
    news: Sequence[TimelineEntry] | None = None,
    repeat: bool = False,
) -> Texts:
    """Return what one person is sent.

    `news`: timeline entries they have not heard of, for an update; None for an alert.
    `repeat`: an earlier attempt may have arrived, so the text says that it is a repeat.
    """
    values = _values(incident, words, zone, now)
    values["changes"] = _changes(incident, words, news or ())
    values["repeat"] = words.phrases["repeat"] if repeat else ""
    parts = words.alert if news is None else words.update
    lines = [fill(line, values) for line in words.card]
    card = "\n".join(values["repeat"] + line if n == 0 else line for n, line in enumerate(lines))
    return Texts(_short(parts, values, words.limit), card)


def _short(parts: Sequence[Part], values: dict[str, str], limit: int) -> str:
    filled = [(part.drop, text) for part in parts if (text := fill(part.text, values))]
    while sum(len(text) for _, text in filled) > limit:
        worst = max(filled, key=lambda part: part[0])
        if worst[0] == 0:
            return _squeezed([text for _, text in filled], limit)
        filled.remove(worst)
    return "".join(text for _, text in filled)


def _squeezed(pieces: list[str], limit: int) -> str:
    """What must stay is too long: the longest piece is cut; head and number stay whole."""
    longest = max(range(1, len(pieces) - 1), key=lambda n: len(pieces[n]), default=0)
    spare = limit - sum(len(piece) for n, piece in enumerate(pieces) if n != longest)
    pieces[longest] = pieces[longest][: max(spare - 1, 0)] + "…"
    return "".join(pieces)[:limit]


def _values(
    incident: IncidentRecord, words: CardWords, zone: tzinfo, now: datetime
) -> dict[str, str]:
    return {
        **_what_and_where(incident, words, zone, now),
        **_who(incident, words),
        **_done_and_to_do(incident, words, zone),
    }


def _what_and_where(
    incident: IncidentRecord, words: CardWords, zone: tzinfo, now: datetime
) -> dict[str, str]:
    report, phrases = incident.report, words.phrases
    found = dangers(report, words)
    quote = next((said.text for said in report.transcript if said.who == "caller"), "")
    return {
        "id": incident.id,
        "category": words.categories.get(report.category, report.category),
        "subtype": words.subtypes.get(report.subtype or "", ""),
        "severity": words.severity[incident.severity],
        "status": words.status[incident.status],
        "number": str(incident.updates + 1),
        "now": clock(now, zone),
        "time": clock(incident.opened_at, zone),
        "where": where(report.place, words),
        "where_long": where(report.place, words, said=QUOTE),
        "quote": quote[:QUOTE] or phrases["unknown"],
        "danger": phrases["comma"].join(found[:3]),
        "dangers": phrases["bar"].join(found) or phrases["none"],
    }


def _who(incident: IncidentRecord, words: CardWords) -> dict[str, str]:
    report, phrases = incident.report, words.phrases
    unknown = phrases["unknown"]
    people = phrases["people"].format(report.people) if report.people is not None else ""
    phone = "" if report.no_ring_back else masked(report.caller.phone)
    no_ring = phrases["no_ring"] if report.no_ring_back else ""
    return {
        "people": people,
        "people_long": people or unknown,
        "phone": phone,
        "phone_line": phrases["ring"].format(phone) if phone else no_ring or unknown,
        "no_ring": no_ring,
        "name": report.caller.name or unknown,
        "by": incident.acknowledged.by if incident.acknowledged else "",
    }


def _done_and_to_do(incident: IncidentRecord, words: CardWords, zone: tzinfo) -> dict[str, str]:
    report, phrases = incident.report, words.phrases
    told = _advice(report.told, words)
    todo = [task.text.get("zh", "") for task in incident.tasks if task.done_at is None]
    told_lines = (
        f"{line.text.rstrip(phrases['stop'])}({clock(line.at, zone)})" for line in told[-3:]
    )
    entries = (f"{clock(e.at, zone)}{_entry(e, words)}" for e in incident.timeline[-3:])
    missing = (words.label(slot) for slot in report.unknown[:6])
    return {
        "told": told[-1].text if told else "",
        "told_lines": phrases["semicolon"].join(told_lines) or phrases["none"],
        "missing": phrases["comma"].join(missing) or phrases["none"],
        "do": todo[0][:14] if todo else "",
        "todo": phrases["semicolon"].join(_task_line(incident, words)) or phrases["none"],
        "log": phrases["semicolon"].join(entries) or phrases["none"],
    }


def _advice(told: Sequence[Told], words: CardWords) -> list[Told]:
    """The lines that tell the caller what to do, as far as they were heard."""
    question = ("?", words.phrases["question"])
    return [
        line
        for line in told
        if line.clauses
        and line.heard is not HeardBy.NONE
        and line.line not in words.not_advice
        and not line.text.endswith(question)
    ]


def _task_line(incident: IncidentRecord, words: CardWords) -> list[str]:
    waiting = [task for task in incident.tasks if task.done_at is None]
    return [
        f"{'/'.join(words.roles.get(role, role) for role in task.roles[:2])}:"
        f"{task.text.get('zh', '')}"
        for task in waiting[:3]
    ]


def _changes(incident: IncidentRecord, words: CardWords, news: Sequence[TimelineEntry]) -> str:
    """What the reader has not heard yet, with the values as they are now."""
    parts: list[str] = []
    for entry in news:
        match entry.kind:
            case "amended":
                changed = entry.payload.get("changed")
                names = changed if isinstance(changed, list) else []
                parts += [_change(str(name), incident, words) for name in names]
            case "acknowledged" | "status":
                parts.append(_entry(entry, words))
    return words.phrases["semicolon"].join(dict.fromkeys(part for part in parts if part))


def _change(name: str, incident: IncidentRecord, words: CardWords) -> str:
    report = incident.report
    kind, _, fact = name.partition(".")
    shown: str
    match kind:
        case "facts":
            shown = words.value(fact, report.facts.get(fact, ""))
            kind = fact
        case "place":
            return where(report.place, words)
        case "people":
            shown = "" if report.people is None else str(report.people)
        case "severity":
            shown = words.severity[incident.severity]
        case "status":
            shown = words.status[incident.status]
        case "hazards":
            shown = words.phrases["comma"].join(dangers(report, words))
        case "category":
            shown = words.categories.get(report.category, report.category)
        case "subtype":
            shown = words.subtypes.get(report.subtype or "", "")
        case "also":
            shown = words.phrases["comma"].join(words.categories.get(c, c) for c in report.also)
        case _:
            return ""
    return f"{words.label(kind)}:{shown or words.phrases['unknown']}"


def _entry(entry: TimelineEntry, words: CardWords) -> str:
    payload = {name: str(value) for name, value in entry.payload.items()}
    if "role" in payload:
        payload["role"] = words.roles.get(payload["role"], payload["role"])
    if entry.kind == "status":
        payload["status"] = next(
            (word for status, word in words.status.items() if status == payload["status"]), ""
        )
    template = words.timeline.get(entry.kind, "")
    return template.format_map({"role": "", "person": "", "by": "", "status": "", **payload})
