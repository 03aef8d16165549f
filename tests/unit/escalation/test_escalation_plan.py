"""Who is due when: the deadlines of safety 2.2."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.documents import BrokenDocument
from ivr.escalation.plan import Exhausted, History, Notify, Ordered, Wait, due
from ivr.escalation.policy import freeze, read_policy, thaw
from ivr.escalation.retry import GiveUp, RetryAt
from ivr.escalation.retry import after as retry_after
from ivr.incident.delivery import DeliveryState
from ivr.incident.model import Severity
from tests.fakes.alerting import NOON, PLAYBOOKS, after, shipped_policy

pytestmark = pytest.mark.unit
POLICY = shipped_policy()


def history(severity: Severity = Severity.CRITICAL, **changes: object) -> History:
    plain = History(severity, NOON, (Ordered("first", ("security",), NOON),), False, frozenset())
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def told(decisions: tuple[object, ...]) -> list[tuple[str, str]]:
    return [(d.step, d.role) for d in decisions if isinstance(d, Notify)]


def test_the_first_alert_is_due_at_once_and_the_next_step_in_thirty_seconds() -> None:
    decisions = due(POLICY, history(), NOON)
    assert told(decisions) == [("first:first", "security")]
    assert decisions[-1] == Wait(after(30))


@pytest.mark.parametrize(
    ("severity", "seconds", "role"),
    [
        (Severity.CRITICAL, 30, "security_lead"),
        (Severity.CRITICAL, 60, "duty_leader"),
        (Severity.CRITICAL, 120, "general_manager"),
        (Severity.HIGH, 60, "security_lead"),
        (Severity.HIGH, 180, "duty_leader"),
        (Severity.MEDIUM, 600, "supervisor"),
    ],
)
def test_each_deadline_brings_its_role_and_not_a_second_earlier(
    severity: Severity, seconds: int, role: str
) -> None:
    early = {r for _, r in told(due(POLICY, history(severity), after(seconds - 1)))}
    assert role not in early
    assert role in {r for _, r in told(due(POLICY, history(severity), after(seconds)))}


def test_what_was_decided_is_not_decided_again() -> None:
    decided = frozenset(told(due(POLICY, history(), after(60))))
    assert told(due(POLICY, history(decided=decided), after(60))) == []


def test_an_acknowledgement_ends_the_escalation_but_no_alert_order() -> None:
    orders = (Ordered("first", ("security",), NOON), Ordered("burst", ("engineering",), after(50)))
    decided = frozenset({("first:first", "security")})
    decisions = due(POLICY, history(orders=orders, taken=True, decided=decided), after(300))
    assert told(decisions) == [("first:burst", "engineering")]
    assert not any(isinstance(d, Wait | Exhausted) for d in decisions)


def test_a_severity_that_rises_reaches_the_alerted_again_at_once_and_starts_its_own_clock() -> None:
    decided = frozenset({("first:first", "security")})
    risen = history(severity_since=after(100), decided=decided)
    decisions = due(POLICY, risen, after(100))
    assert told(decisions) == [("raised:critical", "security")]
    assert decisions[-1] == Wait(after(130))


def test_nobody_taking_it_rings_everybody_in_rounds_and_then_says_so() -> None:
    everybody = {"security", "security_lead", "duty_leader", "general_manager"}
    rounds = told(due(POLICY, history(), after(120 + 60)))
    assert {role for step, role in rounds if step == "critical:round-1"} == everybody
    over = due(POLICY, history(), after(120 + 60 * 31))
    assert isinstance(over[-1], Exhausted)
    decided = frozenset({*told(over), ("exhausted", "")})
    assert due(POLICY, history(decided=decided), after(10_000)) == ()


def test_rounds_missed_while_nothing_ran_are_not_made_up_for() -> None:
    late = told(due(POLICY, history(), after(120 + 60 * 5)))
    assert {step for step, _ in late if "round" in step} == {"critical:round-5"}


def test_a_role_nobody_answers_for_is_handed_to_its_stand_in() -> None:
    gone = history(
        decided=frozenset({("first:first", "security")}),
        unreachable=frozenset({("first:first", "security")}),
    )
    assert told(due(POLICY, gone, after(5))) == [("first:first", "security_lead")]


def test_outside_services_are_never_reached_by_us() -> None:
    orders = (Ordered("first", ("fire_119", "police_110", "ambulance_120", "lift_96333"), NOON),)
    assert not {role for _, role in told(due(POLICY, history(orders=orders), after(3600)))} & {
        *POLICY.outside
    }


@given(
    st.sampled_from(list(Severity)),
    st.lists(st.floats(0, 4000), min_size=1, max_size=12),
    st.booleans(),
)
def test_however_often_it_is_asked_each_role_is_decided_once_per_step(
    severity: Severity, moments: list[float], taken: bool
) -> None:
    decided: set[tuple[str, str]] = set()
    for moment in sorted(moments):
        now = after(moment)
        new = told(due(POLICY, history(severity, taken=taken, decided=frozenset(decided)), now))
        assert not decided & set(new)
        assert len(new) == len(set(new))
        decided |= set(new)
    assert ("first:first", "security") in decided


def test_the_frozen_policy_is_the_policy() -> None:
    assert thaw(freeze(POLICY)) == POLICY


def test_a_circle_of_stand_ins_is_refused() -> None:
    text = (PLAYBOOKS / "_escalation.yaml").read_text("utf-8")
    broken = text.replace("security_manager: duty_leader", "security_manager: security")
    with pytest.raises(BrokenDocument, match=r"circle: .*security > security_lead"):
        read_policy(broken, "_escalation.yaml")


def test_a_failed_send_is_tried_again_and_given_up_in_the_end() -> None:
    first = retry_after(DeliveryState.FAILED_TEMP, 1, POLICY.retry, NOON)
    assert first == RetryAt(after(1))
    assert retry_after(DeliveryState.FAILED_TEMP, 6, POLICY.retry, NOON) == GiveUp()
    assert retry_after(DeliveryState.FAILED_PERM, 1, POLICY.retry, NOON) == GiveUp()
    assert retry_after(DeliveryState.ACCEPTED, 1, POLICY.retry, NOON) is None
