"""What is due in one incident's escalation, as a pure function (safety 2.2).

Theory of operation. An alert order of the playbook goes out at once to all its roles (step
`first:<key>`), whoever has acknowledged what: it names people who are needed. A severity that
rises reaches those people once more by the stronger means (`raised:<severity>`). Everything else
is about nobody having taken it: the severity's steps, then rounds to everybody, then `Exhausted`.
An acknowledgement, or people closing the incident, ends these. A role that nobody answers for is
handed to its stand-in within the same step. What was decided is written down as (step, role), so
asking again decides nothing twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.escalation.policy import EscalationPolicy, SeverityPolicy
from ivr.incident.model import Severity


@dataclass(frozen=True, slots=True)
class Ordered:
    """An alert order as stored; desk entries are not among them."""

    key: str
    roles: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """All of an incident that the escalation depends on."""

    severity: Severity
    severity_since: datetime
    orders: tuple[Ordered, ...]
    taken: bool
    """Acknowledged, or closed by people."""
    decided: frozenset[tuple[str, str]]
    """(step, role) pairs decided before."""
    unreachable: frozenset[tuple[str, str]] = frozenset()
    """Those of them for which every attempt with every person has failed for good."""


@dataclass(frozen=True, slots=True)
class Notify:
    step: str
    role: str
    reach: tuple[str, ...]
    instead_of: str | None = None
    """The role nobody could be reached for."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing else is due before this time."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Every step and round is over and nobody has taken it."""


Decision = Notify | Wait | Exhausted
EXHAUSTED = "exhausted"
"""Name of the step under which the end of the escalation is noted, once, with no role."""


def due(policy: EscalationPolicy, history: History, now: datetime) -> tuple[Decision, ...]:
    """Return what is to be decided at `now`: new notices, then at most one `Wait`/`Exhausted`."""
    rules = policy.severities[history.severity]
    stages = [*_first(history, rules), *_raised(history, rules)]
    ending: Wait | Exhausted | None = None
    if not history.taken and history.orders:
        later, ending = _escalation(history, rules, now)
        stages += later
    notices = [
        Notify(step, role, reach)
        for step, roles, reach in stages
        for role in roles
        if role not in policy.outside and (step, role) not in history.decided
    ]
    notices += _stand_ins(policy, history, rules)
    unique = {(notice.step, notice.role): notice for notice in reversed(notices)}
    return (*reversed(unique.values()), *((ending,) if ending else ()))


_Stage = tuple[str, tuple[str, ...], tuple[str, ...]]


def _first(history: History, rules: SeverityPolicy) -> Iterator[_Stage]:
    for order in history.orders:
        yield f"first:{order.key}", order.roles, rules.first_reach


def _raised(history: History, rules: SeverityPolicy) -> Iterator[_Stage]:
    before = [order for order in history.orders if order.at < history.severity_since]
    if before:
        yield f"raised:{history.severity}", _all_roles(before), rules.first_reach


def _escalation(
    history: History, rules: SeverityPolicy, now: datetime
) -> tuple[list[_Stage], Wait | Exhausted | None]:
    if not rules.steps:
        return [], None
    base = max(history.severity_since, min(order.at for order in history.orders))
    ordered = _all_roles(history.orders)
    stages: list[_Stage] = []
    for step in rules.steps:
        at = base + timedelta(seconds=step.after_s)
        if at > now:
            return stages, Wait(at)
        roles = (*ordered, *step.roles) if step.again else step.roles
        stages.append((f"{history.severity}:{step.name}", roles, step.reach))
    last = base + timedelta(seconds=rules.steps[-1].after_s)
    if rules.repeat_every_s is None:
        return stages, None
    everybody = (*ordered, *(role for step in rules.steps for role in step.roles))
    # Rounds missed while no worker ran are not made up for: one message says as much as five.
    passed = int((now - last).total_seconds() // rules.repeat_every_s)
    current = min(passed, rules.repeats)
    if current >= 1:
        name = f"{history.severity}:round-{current}"
        stages.append((name, everybody, rules.steps[-1].reach))
    if passed > rules.repeats:
        return stages, None if (EXHAUSTED, "") in history.decided else Exhausted()
    return stages, Wait(last + timedelta(seconds=(passed + 1) * rules.repeat_every_s))


def _stand_ins(
    policy: EscalationPolicy, history: History, rules: SeverityPolicy
) -> Iterator[Notify]:
    for step, role in sorted(history.unreachable):
        if history.taken and not step.startswith(("first:", "raised:")):
            continue
        substitute = policy.stand_in(role)
        while substitute is not None and substitute in policy.outside:
            substitute = policy.stand_in(substitute)
        if substitute is not None and (step, substitute) not in history.decided:
            yield Notify(step, substitute, rules.first_reach, instead_of=role)


def _all_roles(orders: tuple[Ordered, ...] | list[Ordered]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for order in orders for role in order.roles))
