"""How far one alert got with one person over one channel."""

from dataclasses import dataclass
from enum import StrEnum


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    """A worker holds it right now; after a crash its outcome is unknown."""
    ACCEPTED = "accepted"
    """The channel took it; whether a person saw it is unknown."""
    DELIVERED = "delivered"
    ANSWERED = "answered"
    """A person or a mailbox picked up; nobody has taken it yet."""
    ACKNOWLEDGED = "acknowledged"
    FAILED_TEMP = "failed_temp"
    FAILED_PERM = "failed_perm"

    @property
    def reached_channel(self) -> bool:
        """The channel really has it: line G-06 is true (safety 2.1.7)."""
        return self in _REACHED

    @property
    def failed(self) -> bool:
        return self in (DeliveryState.FAILED_TEMP, DeliveryState.FAILED_PERM)

    def further(self, other: "DeliveryState") -> bool:
        """True if `other` is progress over this one: late receipts never set one back."""
        if self is DeliveryState.FAILED_TEMP and other.reached_channel:
            return True  # its outcome was unknown; now it is known
        return _ORDER.index(other) > _ORDER.index(self)


_REACHED = frozenset(
    (
        DeliveryState.ACCEPTED,
        DeliveryState.DELIVERED,
        DeliveryState.ANSWERED,
        DeliveryState.ACKNOWLEDGED,
    )
)
_ORDER = (
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.ACCEPTED,
    DeliveryState.FAILED_TEMP,
    DeliveryState.FAILED_PERM,
    DeliveryState.DELIVERED,
    DeliveryState.ANSWERED,
    DeliveryState.ACKNOWLEDGED,
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a channel says about one attempt."""

    state: DeliveryState
    reference: str | None = None
    """The channel's own id of the message, for receipts that come later."""
    reason: str | None = None
    """Why it failed; never a caller's words or a secret."""
    by: str | None = None
    """Who took it, where the state is `acknowledged`."""
