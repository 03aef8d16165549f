"""When a failed send is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.escalation.policy import RetryPolicy
from ivr.incident.delivery import DeliveryState


@dataclass(frozen=True, slots=True)
class RetryAt:
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """This contact is dead for this message; the role's stand-in is next."""


def after(
    state: DeliveryState, attempt: int, policy: RetryPolicy, now: datetime
) -> RetryAt | GiveUp | None:
    """Return what follows attempt number `attempt` (from 1); None where nothing must follow."""
    match state:
        case DeliveryState.FAILED_TEMP if attempt <= len(policy.waits_s):
            return RetryAt(now + timedelta(seconds=policy.waits_s[attempt - 1]))
        case DeliveryState.FAILED_TEMP | DeliveryState.FAILED_PERM:
            return GiveUp()
        case _:
            return None
