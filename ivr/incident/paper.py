"""Everything an incident is written down as: texts, sheets, JSON, and the JSON's schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from ivr.incident.document import document
from ivr.incident.record import IncidentRecord, TimelineEntry
from ivr.incident.schema import incident_schema
from ivr.incident.sheets import Sheet, SheetForms, sheets
from ivr.incident.summary import Texts, texts
from ivr.incident.words import CardWords, masked


@dataclass(frozen=True, slots=True)
class Paper:
    """The forms of one edition and the estate's own data."""

    words: CardWords
    forms: SheetForms
    estate: Mapping[str, str]
    """name, address, near, entrance, guide_place, guide_name, duty_name, duty_phone …"""
    zone: tzinfo
    hazards: tuple[str, ...] = ()
    """Names of all facts that are hazards (playbooks/facts.yaml), for the schema."""

    def texts(
        self,
        incident: IncidentRecord,
        now: datetime,
        *,
        news: Sequence[TimelineEntry] | None = None,
        repeat: bool = False,
    ) -> Texts:
        return texts(incident, self.words, self.zone, now, news=news, repeat=repeat)

    def sheets(self, incident: IncidentRecord, *, full_number: bool = True) -> tuple[Sheet, ...]:
        """The sheets; `full_number=False` masks the caller's, for eyes that need not ring it."""
        caller = incident.report.caller
        if not full_number:
            caller = replace(caller, phone=masked(caller.phone) or None)
            incident = replace(incident, report=replace(incident.report, caller=caller))
        return sheets(incident, self.forms, self.words, self.estate, self.zone)

    def document(self, incident: IncidentRecord) -> dict[str, object]:
        return document(incident, self.sheets(incident))

    def schema(self) -> dict[str, Any]:
        return incident_schema(self.words.categories, self.hazards, self.forms.sheets)
