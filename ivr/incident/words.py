"""The words of card and sheets (playbooks/card.yaml), and values put into them.

Staff read Chinese whatever the caller spoke; the Chinese stands in the data, never here.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from pydantic import BaseModel, ConfigDict, Field

from ivr.documents import read
from ivr.incident.model import IncidentStatus, Place, Report, Severity


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Strict):
    """A piece of the short text; left out whole where one of its values is empty."""

    text: str
    drop: int = 0
    """When the text is too long the highest goes first; 0 always stays."""


class PlaceWords(Strict):
    building: str
    unit: str
    floor: str
    below: str
    room: str
    unknown: str
    unverified: str
    said: str


class CardWords(Strict):
    """playbooks/card.yaml."""

    limit: int = Field(gt=30)
    severity: dict[Severity, str]
    status: dict[IncidentStatus, str]
    categories: dict[str, str]
    unlisted: tuple[str, ...]
    not_advice: tuple[str, ...]
    """Lines that tell the caller nothing to do; the card lists what does."""
    subtypes: dict[str, str]
    roles: dict[str, str]
    place: PlaceWords
    labels: dict[str, str]
    """What a slot or fact is called: "burning_item" -> its Chinese name."""
    values: dict[str, dict[str, str]]
    """fact -> value -> word; a value without a word stands as it was said."""
    phrases: dict[str, str]
    alert: tuple[Part, ...]
    update: tuple[Part, ...]
    card: tuple[str, ...] = Field(max_length=10)
    timeline: dict[str, str]

    def label(self, name: str) -> str:
        return self.labels.get(name, name)

    def value(self, fact: str, value: str) -> str:
        return self.values.get(fact, {}).get(value, value)


def read_card(text: str, file: str) -> CardWords:
    """Return the checked words. Raises ivr.documents.BrokenDocument."""
    return read(text, file, CardWords)


def where(place: Place, words: CardWords, *, said: int = 12) -> str:
    """The place in one piece, marked where nobody has verified it; `said` = quoted characters."""
    spelled = words.place
    parts = [
        spelled.building.format(place.building) if place.building else "",
        spelled.unit.format(place.unit) if place.unit else "",
        _floor(place, words),
        spelled.room.format(place.room) if place.room else "",
        place.landmark or "",
    ]
    known = "".join(parts)
    if known:
        return known if place.verified else known + spelled.unverified
    if place.as_said:
        return spelled.said.format(place.as_said[:said])
    return spelled.unknown


def _floor(place: Place, words: CardWords) -> str:
    # A room such as 15-2 or 1203 tells the floor by itself; saying it twice costs characters.
    if not place.floor or (place.room and place.room.startswith(place.floor)):
        return ""
    if place.floor.startswith("-"):
        return words.place.below.format(place.floor[1:])
    return words.place.floor.format(place.floor)


def dangers(report: Report, words: CardWords) -> list[str]:
    return [words.value(name, report.facts.get(name, "yes")) for name in report.hazards]


def masked(phone: str | None) -> str:
    """`138****0001`: enough to recognise, not enough to ring (safety 4.4)."""
    if not phone:
        return ""
    digits = phone.removeprefix("+86") if phone.startswith("+86") else phone
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"****{digits[-2:]}"


def clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template filled in; empty where one of the values it names is empty."""
    named = [name for name in values if "{" + name + "}" in template]
    if any(not values[name] for name in named):
        return ""
    return template.format_map(values)
