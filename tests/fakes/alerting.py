"""The shipped escalation, roster and forms, reports to feed them, and a channel that is told."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from ivr.escalation.policy import EscalationPolicy, read_policy
from ivr.escalation.roster import Roster, read_roster
from ivr.incident.delivery import Delivery, DeliveryState
from ivr.incident.model import (
    AlertOrder,
    Caller,
    IncidentStatus,
    Place,
    Report,
    Severity,
)
from ivr.incident.paper import Paper
from ivr.incident.sheets import read_sheets
from ivr.incident.words import read_card
from ivr.notify.channel import Later, Message
from ivr.store.store import CHINA

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""12:00 in Chongqing."""

ROSTER = """
zone: Asia/Shanghai
people:
  wang:
    name: Wang
    contacts:
      - {reach: card, channel: card, address: "w"}
      - {reach: phone, channel: ring, address: "1"}
  li:
    name: Li
    contacts:
      - {reach: card, channel: card, address: "l"}
      - {reach: phone, channel: ring, address: "2"}
  lead: {name: Lead, contacts: [{reach: phone, channel: ring, address: "3"}]}
  duty:
    name: Duty
    contacts:
      - {reach: card, channel: card, address: "d"}
      - {reach: phone, channel: ring, address: "4"}
  boss: {name: Boss, contacts: [{reach: phone, channel: ring, address: "5"}]}
roles:
  security: [{people: [wang]}]
  control_room: [{people: [li]}]
  security_lead: [{people: [lead]}]
  duty_leader: [{people: [duty]}]
  general_manager: [{people: [boss]}]
"""


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def shipped_policy() -> EscalationPolicy:
    return read_policy((PLAYBOOKS / "_escalation.yaml").read_text("utf-8"), "_escalation.yaml")


def small_roster(text: str = ROSTER) -> Roster:
    return read_roster(text, "rosters/small.yaml")


def shipped_paper(estate: dict[str, str] | None = None) -> Paper:
    facts = yaml.safe_load((PLAYBOOKS / "facts.yaml").read_text("utf-8"))
    return Paper(
        words=read_card((PLAYBOOKS / "card.yaml").read_text("utf-8"), "card.yaml"),
        forms=read_sheets((PLAYBOOKS / "sheets.yaml").read_text("utf-8"), "sheets.yaml"),
        estate=estate or {"name": "澎湖湾", "address": "湖湾路8号"},
        zone=CHINA,
        hazards=tuple(name for name, fact in facts.items() if fact.get("hazard")),
    )


def order(key: str = "first", *roles: str, desk: bool = False, at: datetime = NOON) -> AlertOrder:
    return AlertOrder(key, roles or ("security", "control_room"), ("FIRE-0a",), at, desk)


def report(**changes: Any) -> Report:
    plain: dict[str, Any] = {
        "playbook": "fire",
        "category": "fire",
        "subtype": None,
        "severity": Severity.CRITICAL,
        "status": IncidentStatus.OPEN,
        "place": Place(),
        "caller": Caller("+8613800138000"),
        "people": None,
        "hazards": (),
        "facts": {},
        "told": (),
        "unknown": (),
        "transcript": (),
        "alerts": (order(),),
    }
    return Report(**(plain | changes))


class WoundClock:
    """Time stands until it is wound."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def wind(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@dataclass
class ToldChannel:
    """Answers as told, else "accepted"; keeps what it was given."""

    answers: deque[Delivery | Exception] = field(default_factory=deque)
    always: Delivery = field(default_factory=lambda: Delivery(DeliveryState.ACCEPTED))
    sent: list[Message] = field(default_factory=list)
    results: list[Later] = field(default_factory=list)

    def send(self, message: Message, at: datetime) -> Delivery:
        self.sent.append(message)
        answer = self.answers.popleft() if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        return answer

    def later(self, now: datetime) -> Sequence[Later]:
        given, self.results = self.results, []
        return given

    def people(self) -> list[str]:
        return sorted(message.person for message in self.sent)
