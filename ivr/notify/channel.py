"""The port to everything that can reach a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.incident.delivery import Delivery, DeliveryState
from ivr.incident.model import IncidentId

__all__ = ["Channel", "Delivery", "DeliveryState", "Later", "Message"]


@dataclass(frozen=True, slots=True)
class Message:
    """One attempt to one person, ready to send."""

    key: str
    """Unique per attempt, the same when the same attempt is looked at twice."""
    incident: IncidentId
    kind: str
    """"alert" or "update"."""
    role: str
    person: str
    """The name on the roster."""
    address: str
    attempt: int
    short: str
    """One message of at most 70 characters."""
    card: str
    """The card, at most ten lines."""
    document: Mapping[str, object]
    """The incident as the API gives it."""


@dataclass(frozen=True, slots=True)
class Later:
    """What became of a message after `send` had returned."""

    reference: str
    delivery: Delivery


class Channel(Protocol):
    """One way to reach people. Called from threads; `send` ends within its own time-out."""

    def send(self, message: Message, at: datetime) -> Delivery:
        """Try once and say how far it got; a network's error is a `Delivery`, not an exception."""
        ...

    def later(self, now: datetime) -> Sequence[Later]:
        """Results since the last question, of messages accepted earlier."""
        ...
