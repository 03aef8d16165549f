"""The escalation as data: playbooks/_escalation.yaml, checked and frozen."""

from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from ivr.documents import read
from ivr.incident.model import Severity


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One stage of a severity's escalation (safety 2.2)."""

    name: str
    after_s: float
    """Seconds after the incident got this severity; 0 goes out even when it was taken already."""
    roles: tuple[str, ...]
    """Further roles to reach now."""
    again: bool
    """Also reach everybody the incident's own alert orders name once more."""
    reach: tuple[str, ...]
    """Ways to reach them, as the roster's contacts are named ("card", "phone")."""


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    first_reach: tuple[str, ...]
    """Ways by which an alert order goes out at once (ALERT-1: two for P1)."""
    steps: tuple[EscalationStep, ...]
    repeat_every_s: float | None
    """After the last step everybody is reached again this often, until somebody takes it."""
    repeats: int
    """How many such rounds; then the incident is `exhausted`: it never rings forever."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    waits_s: tuple[float, ...]
    """Wait before attempt 2, 3, …; one attempt more than waits are made in all."""


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """Frozen into each incident at its start, so that an edit never changes a running one."""

    severities: dict[Severity, SeverityPolicy]
    next_role: dict[str, str]
    """Who stands in for a role with nobody on duty or nobody reachable."""
    last_resort: str
    """The role that stands in for every role without one of its own."""
    outside: tuple[str, ...]
    """Roles we never reach ourselves (119, 120, 110 …): staff dial them with the sheet."""
    retry: RetryPolicy
    update_reach: tuple[str, ...]
    """By which means updates go; what rings is not rung for every new detail."""
    update_delay_s: float
    """Updates wait this long so that changes of one moment become one message."""

    def stand_in(self, role: str) -> str | None:
        """The next role to try after `role`; None when `role` is the last resort itself."""
        if role == self.last_resort:
            return None
        return self.next_role.get(role, self.last_resort)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Step(_Strict):
    name: str
    after_s: float = Field(ge=0)
    roles: tuple[str, ...] = ()
    again: bool = False
    reach: tuple[str, ...] = Field(min_length=1)


class _Severity(_Strict):
    first_reach: tuple[str, ...] = Field(min_length=1)
    steps: tuple[_Step, ...] = ()
    repeat_every_s: float | None = Field(default=None, gt=0)
    repeats: int = Field(default=0, ge=0)


class _Retry(_Strict):
    waits_s: tuple[float, ...]


class _File(_Strict):
    severities: dict[Severity, _Severity]
    next_role: dict[str, str]
    last_resort: str
    outside: tuple[str, ...]
    retry: _Retry
    update_reach: tuple[str, ...] = Field(min_length=1)
    update_delay_s: float = Field(ge=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [s.value for s in Severity if s not in self.severities]
        if missing:
            raise ValueError(f"severities lacks {', '.join(missing)}")
        for role in self.next_role:
            _follow(role, self.next_role, self.last_resort)
        for severity, policy in self.severities.items():
            names = [step.name for step in policy.steps]
            if len(set(names)) < len(names):
                raise ValueError(f"severities.{severity}: two steps have the same name")
            times = [step.after_s for step in policy.steps]
            if times != sorted(times):
                raise ValueError(f"severities.{severity}: steps must stand in order of after_s")
        return self


def _follow(role: str, next_role: dict[str, str], last_resort: str) -> None:
    seen: list[str] = []
    current = role
    while current != last_resort:
        if current in seen:
            raise ValueError(f"next_role goes in a circle: {' > '.join([*seen, current])}")
        seen.append(current)
        current = next_role.get(current, last_resort)


def read_policy(text: str, file: str) -> EscalationPolicy:
    """Return the checked policy.

    Raises:
        ivr.documents.BrokenDocument: names file, line, path, and what would be right.
    """
    document = read(text, file, _File)
    return _FROZEN.validate_python(document.model_dump())


_FROZEN = TypeAdapter(EscalationPolicy)


def freeze(policy: EscalationPolicy) -> str:
    """The policy as JSON, for the incident's own row."""
    return _FROZEN.dump_json(policy).decode()


def thaw(document: str) -> EscalationPolicy:
    return _FROZEN.validate_json(document)
