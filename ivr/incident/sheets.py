"""Sheets to be read out by the person who dials (safety 4.3): filled as far as known, gaps marked.

What a sheet holds is data (playbooks/sheets.yaml). A gap is never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Self

from pydantic import Field, model_validator

from ivr.documents import read
from ivr.incident.model import Report
from ivr.incident.record import IncidentRecord
from ivr.incident.words import CardWords, Strict, clock, dangers, where


class SheetField(Strict):
    key: str
    label: str
    source: str = Field(alias="from")
    """estate.X, fact.X, place, place.X, record.X, or one of the names in `_report_value`."""
    clause: str | None = None


class SheetForm(Strict):
    title: str
    fields: tuple[SheetField, ...]
    text: str

    @model_validator(mode="after")
    def _text_uses_fields(self) -> Self:
        try:
            self.text.format_map({field.key: "" for field in self.fields})
        except (KeyError, ValueError, IndexError) as error:
            raise ValueError(f"text names a field that is not among `fields`: {error}") from error
        return self


class SheetForms(Strict):
    """playbooks/sheets.yaml."""

    blank: str
    always: tuple[str, ...]
    """Sheets every incident has; the others come with the tasks that need them."""
    categories: dict[str, tuple[str, ...]]
    """Sheets a category has from the start, whatever its tasks are."""
    sheets: dict[str, SheetForm]

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in (*self.always, *(n for names in self.categories.values() for n in names)):
            if name not in self.sheets:
                raise ValueError(f"{name!r} is not under sheets")
        return self


def read_sheets(text: str, file: str) -> SheetForms:
    """Return the checked forms. Raises ivr.documents.BrokenDocument."""
    return read(text, file, SheetForms)


@dataclass(frozen=True, slots=True)
class FilledField:
    label: str
    key: str
    value: str | None
    clause: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    title: str
    fields: tuple[FilledField, ...]
    text: str
    unknown: tuple[str, ...]
    """Keys of the fields without a value."""


def sheets(
    incident: IncidentRecord,
    forms: SheetForms,
    words: CardWords,
    estate: Mapping[str, str],
    zone: tzinfo,
) -> tuple[Sheet, ...]:
    """Return the sheets this incident needs, in the order of the file."""
    wanted = {*forms.always, *forms.categories.get(incident.report.category, ())}
    wanted |= {name for also in incident.report.also for name in forms.categories.get(also, ())}
    wanted |= {task.sheet for task in incident.tasks if task.sheet is not None}
    return tuple(
        _filled(name, form, forms.blank, incident, words, estate, zone)
        for name, form in forms.sheets.items()
        if name in wanted
    )


def _filled(
    name: str,
    form: SheetForm,
    blank: str,
    incident: IncidentRecord,
    words: CardWords,
    estate: Mapping[str, str],
    zone: tzinfo,
) -> Sheet:
    fields = tuple(
        FilledField(f.label, f.key, _value(f.source, incident, words, estate, zone), f.clause)
        for f in form.fields
    )
    values = {f.key: f.value if f.value is not None else blank for f in fields}
    missing = tuple(f.key for f in fields if f.value is None)
    return Sheet(name, form.title, fields, form.text.format_map(values).strip(), missing)


def _value(
    source: str,
    incident: IncidentRecord,
    words: CardWords,
    estate: Mapping[str, str],
    zone: tzinfo,
) -> str | None:
    kind, _, name = source.partition(".")
    report = incident.report
    match kind:
        case "estate":
            return estate.get(name) or None
        case "fact":
            value = report.facts.get(name)
            return words.value(name, value) if value else None
        case "place" if name:
            value = getattr(report.place, name, None)
            return str(value) if value else None
        case "record":
            return incident.records.get(name)
        case _:
            return _report_value(kind, incident, words, zone)


def _phone(report: Report, words: CardWords) -> str | None:
    """The number, with the warning in front where ringing it can kill (OVR-24)."""
    if report.caller.phone and report.no_ring_back:
        return words.phrases["no_ring"] + report.caller.phone
    return report.caller.phone


def _report_value(
    kind: str, incident: IncidentRecord, words: CardWords, zone: tzinfo
) -> str | None:
    report, semicolon = incident.report, words.phrases["semicolon"]
    place, taken = report.place, incident.acknowledged
    values = {
        "place": where(place, words, said=40) if place.known or place.as_said else None,
        "people": str(report.people) if report.people is not None else None,
        "phone": _phone(report, words),
        "name": report.caller.name,
        "hazards": words.phrases["comma"].join(dangers(report, words)),
        "category": words.categories.get(report.category, report.category),
        "subtype": words.subtypes.get(report.subtype or ""),
        "opened_at": clock(incident.opened_at, zone),
        "said": semicolon.join(s.text for s in report.transcript if s.who == "caller")[:80],
        "told": semicolon.join(t.text for t in report.told if t.clauses),
        "acknowledged": taken.by if taken else None,
    }
    return values.get(kind) or None
