"""Who is on duty: people, their contacts, and which role they hold when."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ivr.documents import BrokenDocument, line_of, read
from ivr.escalation.policy import EscalationPolicy

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Contact:
    reach: str
    """What kind of message it is good for: "card", "phone", …"""
    channel: str
    """Name of the channel that sends it."""
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    contacts: tuple[Contact, ...]

    def by(self, reach: tuple[str, ...]) -> tuple[Contact, ...]:
        """The contacts for these means; all of them where the person has none of these:
        nobody on duty is silently left out."""
        return tuple(c for c in self.contacts if c.reach in reach) or self.contacts


@dataclass(frozen=True, slots=True)
class Shift:
    """These people hold a role on these days between these local times."""

    people: tuple[str, ...]
    days: tuple[Day, ...]
    starts: time | None
    ends: time | None
    """None: all day. Ending before it starts means over midnight; the day is where it starts."""

    def covers(self, local: datetime) -> bool:
        if self.starts is None or self.ends is None:
            return DAYS[local.weekday()] in self.days
        clock = local.timetz().replace(tzinfo=None)
        today = DAYS[local.weekday()] in self.days
        if self.starts < self.ends:
            return today and self.starts <= clock < self.ends
        yesterday = DAYS[(local - timedelta(days=1)).weekday()] in self.days
        return (today and clock >= self.starts) or (yesterday and clock < self.ends)


@dataclass(frozen=True, slots=True)
class Override:
    """For this time these people, and nobody else, hold the role."""

    role: str
    people: tuple[str, ...]
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    zone: ZoneInfo
    people: dict[str, Person]
    shifts: dict[str, tuple[Shift, ...]]
    overrides: tuple[Override, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answers for a role now."""

    asked: str
    role: str
    """The role that has somebody: `asked`, or the stand-in found for it."""
    people: tuple[Person, ...]
    """Empty only if even the last resort has nobody."""
    skipped: tuple[str, ...]
    """Roles with nobody on duty on the way to `role`."""


def on_call(roster: Roster, role: str, at: datetime) -> tuple[Person, ...]:
    """Return the people who hold `role` at this moment, those listed first first."""
    for override in roster.overrides:
        if override.role == role and override.starts <= at < override.ends:
            return tuple(roster.people[person] for person in override.people)
    local = at.astimezone(roster.zone)
    ids = [
        person
        for shift in roster.shifts.get(role, ())
        if shift.covers(local)
        for person in shift.people
    ]
    return tuple(roster.people[person] for person in dict.fromkeys(ids))


def answering(roster: Roster, policy: EscalationPolicy, role: str, at: datetime) -> Duty:
    """Return who answers for `role`, going from stand-in to stand-in past empty roles."""
    skipped: list[str] = []
    current: str | None = role
    while current is not None and current not in skipped:
        people = on_call(roster, current, at)
        if people:
            return Duty(role, current, people, tuple(skipped))
        skipped.append(current)
        current = policy.stand_in(current)
    return Duty(role, role, (), tuple(skipped))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Contact(_Strict):
    reach: str
    channel: str
    address: str


class _Person(_Strict):
    name: str = Field(min_length=1)
    contacts: tuple[_Contact, ...] = Field(min_length=1)


class _Shift(_Strict):
    people: tuple[str, ...] = Field(min_length=1)
    days: tuple[Day, ...] = DAYS
    starts: time | None = Field(default=None, alias="from")
    ends: time | None = Field(default=None, alias="until")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.starts is None) != (self.ends is None):
            raise ValueError('a shift needs both "from" and "until", or neither (all day)')
        return self


class _Override(_Strict):
    role: str
    people: tuple[str, ...]
    starts: datetime = Field(alias="from")
    ends: datetime = Field(alias="until")


class _File(_Strict):
    zone: ZoneInfo
    people: dict[str, _Person]
    roles: dict[str, tuple[_Shift, ...]]
    overrides: tuple[_Override, ...] = ()

    @field_validator("zone", mode="before")
    @classmethod
    def _zone(cls, name: object) -> ZoneInfo:
        try:
            return ZoneInfo(str(name))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {name!r}; e.g. Asia/Shanghai") from error


def _check_names(document: _File, text: str, file: str) -> None:
    named: list[tuple[tuple[int | str, ...], tuple[str, ...]]] = [
        (("roles", role, number, "people"), shift.people)
        for role, shifts in document.roles.items()
        for number, shift in enumerate(shifts)
    ]
    named += [
        (("overrides", number, "people"), override.people)
        for number, override in enumerate(document.overrides)
    ]
    for path, ids in named:
        for person in ids:
            if person not in document.people:
                known = ", ".join(sorted(document.people)) or "nobody yet"
                spelled = "$" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
                problem = f"{person!r} is not under people (there are: {known})"
                raise BrokenDocument(file, line_of(text, path), spelled, problem)


def read_roster(text: str, file: str) -> Roster:
    """Return the checked roster.

    Raises:
        ivr.documents.BrokenDocument: names file, line, path, and what would be right.
    """
    document = read(text, file, _File)
    _check_names(document, text, file)
    zone = document.zone
    return Roster(
        zone=zone,
        people={
            key: Person(
                key, p.name, tuple(Contact(c.reach, c.channel, c.address) for c in p.contacts)
            )
            for key, p in document.people.items()
        },
        shifts={
            role: tuple(Shift(s.people, s.days, s.starts, s.ends) for s in shifts)
            for role, shifts in document.roles.items()
        },
        overrides=tuple(
            Override(o.role, o.people, _in_zone(o.starts, zone), _in_zone(o.ends, zone))
            for o in document.overrides
        ),
    )


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
