"""What the store promises, on both databases."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.incident.delivery import Delivery, DeliveryState
from ivr.incident.model import CallId, Disposition, IncidentStatus, Place, Severity, TaskOrder
from ivr.store.calls import JournalEntry
from ivr.store.store import Store
from tests.fakes.alerting import NOON, after, order, report, small_roster
from tests.fakes.databases import BOTH, fresh_store

pytestmark = pytest.mark.contract
CALL = CallId("CA1")


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with fresh_store(request.param, tmp_path) as fresh:
        yield fresh


def begin(store: Store, call: CallId = CALL) -> bool:
    return store.calls.begin(call, "+8613800138000", "+86231", "r1", "stream", NOON)


def kinds(store: Store, incident: str) -> list[str]:
    return [entry.kind for entry in store.incidents.timeline(incident)]  # type: ignore[arg-type]


# ---- calls ------------------------------------------------------------------------------------


def test_a_repeated_webhook_is_known_as_a_repeat(store: Store) -> None:
    assert begin(store) is True
    assert begin(store) is False


def test_sixteen_webhooks_at_once_begin_one_call(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: begin(store), range(16))) == 1


def test_the_first_end_stays_and_may_overtake_the_beginning(store: Store) -> None:
    assert store.calls.end(CALL, Disposition.CALLER_HUNG_UP, after(9)) is True
    assert store.calls.end(CALL, Disposition.DROPPED, after(10)) is False
    assert begin(store) is True
    call = store.calls.get(CALL)
    assert call is not None
    assert (call.disposition, call.caller) == (Disposition.CALLER_HUNG_UP, "+8613800138000")
    assert store.calls.live() == []


def test_the_journal_keeps_the_first_word_of_each_number_in_order(store: Store) -> None:
    begin(store)
    first = [JournalEntry(n, after(n), "event", {"n": n, "text": "着火了"}) for n in (2, 1)]
    store.calls.journal(CALL, first)
    store.calls.journal(CALL, [JournalEntry(2, after(5), "effect", {}), *first])
    assert list(store.calls.journal_of(CALL)) == sorted(first, key=lambda entry: entry.seq)


def test_a_stream_token_opens_for_exactly_one_of_sixteen(store: Store) -> None:
    begin(store)
    token = store.calls.issue_token(CALL)
    assert store.calls.redeem_token(CALL, "x" + token) is False
    assert store.calls.redeem_token(CallId("CA2"), token) is False
    with ThreadPoolExecutor(16) as pool:
        opened = list(pool.map(lambda _: store.calls.redeem_token(CALL, token), range(16)))
    assert sum(opened) == 1


def test_the_first_answer_to_a_turn_stands(store: Store) -> None:
    begin(store)
    assert store.calls.answer_of(CALL, 1) is None
    store.calls.remember_answer(CALL, 1, "<one/>")
    store.calls.remember_answer(CALL, 1, "<two/>")
    assert store.calls.answer_of(CALL, 1) == "<one/>"


# ---- incidents --------------------------------------------------------------------------------


def test_a_call_opens_one_incident_however_often_it_says_so(store: Store) -> None:
    begin(store)
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: store.incidents.open(CALL, report(), NOON), range(8)))
    assert ids == {"261123-001"}
    assert store.incidents.of_call(CALL) == "261123-001"


def test_numbers_run_by_the_estates_day_and_never_meet(store: Store) -> None:
    calls = [CallId(f"CA{n}") for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda c: store.incidents.open(c, report(), NOON), calls))
    assert sorted(ids) == [f"261123-{n:03d}" for n in range(1, 25)]
    # 16:00 UTC is midnight in Chongqing
    assert store.incidents.open(CallId("late"), report(), after(12 * 3600)) == "261124-001"


def test_an_incident_of_a_call_whose_ring_was_not_written_is_not_lost(store: Store) -> None:
    assert store.incidents.open(CALL, report(), NOON)
    assert begin(store) is True


def test_the_whole_report_comes_back_as_it_was_given(store: Store) -> None:
    given_report = report(
        place=Place("3", "2", "12", "1205", "喷泉", "三栋", verified=True), facts={"flame": "yes"}
    )
    incident = store.incidents.get(store.incidents.open(CALL, given_report, NOON))
    assert incident is not None
    assert incident.report == given_report


def test_amending_keeps_the_worst_severity_and_what_people_have_set(store: Store) -> None:
    incident = store.incidents.open(CALL, report(), NOON)
    store.incidents.set_status(incident, IncidentStatus.ARRIVED, "Wang", after(5))
    over = report(severity=Severity.MEDIUM, status=IncidentStatus.RESOLVED_UNCHECKED)
    store.incidents.amend(incident, over, after(6))
    found = store.incidents.get(incident)
    assert found is not None
    assert (found.severity, found.status) == (Severity.CRITICAL, IncidentStatus.ARRIVED)


def test_a_caller_who_says_it_is_over_ends_no_alert(store: Store) -> None:
    incident = store.incidents.open(CALL, report(), NOON)
    store.incidents.amend(incident, report(status=IncidentStatus.RESOLVED_UNCHECKED), after(1))
    found = store.incidents.get(incident)
    assert found is not None
    assert found.status is IncidentStatus.RESOLVED_UNCHECKED
    store.escalations.advance(small_roster(), after(1))
    assert store.outbox.claim("w", after(1), 10, 10)


def test_orders_and_tasks_are_added_once_by_key(store: Store) -> None:
    task = TaskOrder("call_119", ("A",), ("control_room",), {"zh": "打119", "en": "Call"}, 30.0)
    first = report(tasks=(task,))
    incident = store.incidents.open(CALL, first, NOON)
    more = dataclasses.replace(first, alerts=(order(), order("burst", "engineering")))
    for second in (1, 2):
        store.incidents.amend(incident, more, after(second))
    found = store.incidents.get(incident)
    assert found is not None
    assert [(t.key, t.due_at) for t in found.tasks] == [("call_119", after(30))]
    assert kinds(store, incident).count("amended") == 1
    assert store.incidents.finish_task(incident, "call_119", "Li", after(9)) is True
    assert store.incidents.finish_task(incident, "call_119", "Wang", after(10)) is False


def test_exactly_one_of_sixteen_acknowledgements_wins(store: Store) -> None:
    incident = store.incidents.open(CALL, report(), NOON)
    with ThreadPoolExecutor(16) as pool:
        taken = list(
            pool.map(lambda n: store.incidents.acknowledge(incident, f"p{n}", NOON), range(16))
        )
    assert sum(ack.won for ack in taken if ack) == 1
    winner = next(ack.by for ack in taken if ack and ack.won)
    assert {ack.by for ack in taken if ack} == {winner}
    assert kinds(store, incident).count("acknowledged") == 1


def test_a_closed_incident_cannot_be_taken_and_an_unknown_one_is_said_to_be_so(
    store: Store,
) -> None:
    incident = store.incidents.open(CALL, report(), NOON)
    store.incidents.set_status(incident, IncidentStatus.FALSE_ALARM, "Wang", after(5))
    late = store.incidents.acknowledge(incident, "Li", after(9))
    assert late is not None
    assert (late.won, late.closed) == (False, True)
    assert store.incidents.acknowledge("261123-999", "Li", NOON) is None  # type: ignore[arg-type]


def test_the_list_is_newest_first_and_pages_without_gap_or_repeat(store: Store) -> None:
    ids = [store.incidents.open(CallId(f"C{n}"), report(), after(n // 2)) for n in range(7)]
    seen: list[str] = []
    before = None
    while page := store.incidents.list(3, before):
        seen += [one.id for one in page]
        before = page[-1].id
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    "quiet",
    [
        {"category": "none"},
        {"playbook": "silent"},
        {"test": True},
    ],
)
def test_quiet_calls_are_no_incidents_until_somebody_is_alerted(
    store: Store, quiet: dict[str, object]
) -> None:
    incident = store.incidents.open(CALL, report(alerts=(), **quiet), NOON)
    assert store.incidents.list(5) == []
    store.incidents.amend(incident, report(**quiet), after(1))
    assert [one.id for one in store.incidents.list(5)] == [incident]


def test_a_desk_entry_is_shown_and_wakes_nobody(store: Store) -> None:
    incident = store.incidents.open(CALL, report(alerts=(order("desk", "agent", desk=True),)), NOON)
    store.escalations.advance(small_roster(), after(600))
    assert store.outbox.claim("w", after(600), 10, 10) == []
    assert store.outbox.pending_alert_age(after(600)) is None
    found = store.incidents.get(incident)
    assert found is not None
    assert found.desk == ("desk",)


def test_news_reaches_a_live_call_in_order_with_its_incident(store: Store) -> None:
    start = store.incidents.last_news()
    incident = store.incidents.open(CALL, report(), NOON)
    store.incidents.acknowledge(incident, "Wang", after(3))
    news = store.incidents.news(start)
    assert [(n.kind, n.calls) for n in news] == [("opened", (CALL,)), ("acknowledged", (CALL,))]
    assert store.incidents.news(news[-1].id) == []


def test_running_incidents_end_when_people_close_them(store: Store) -> None:
    incident = store.incidents.open(CALL, report(place=Place(building="3")), NOON)
    assert [r.place.building for r in store.incidents.running(after(60))] == ["3"]
    assert store.incidents.running(after(25 * 3600)) == []
    store.incidents.set_status(incident, IncidentStatus.RESOLVED, "Wang", after(90))
    assert store.incidents.running(after(100)) == []


# ---- outbox -----------------------------------------------------------------------------------


def test_two_workers_never_claim_the_same_message(store: Store) -> None:
    for n in range(5):
        store.incidents.open(CallId(f"C{n}"), report(), NOON)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.escalations.advance(small_roster(), NOON), range(4)))
        claims = list(pool.map(lambda n: store.outbox.claim(f"w{n}", NOON, 7, 10), range(4)))
    ids = [claim.id for some in claims for claim in some]
    assert len(ids) == len(set(ids)) == 20


def test_an_attempt_whose_worker_died_is_closed_and_its_repeat_says_so(store: Store) -> None:
    incident = store.incidents.open(CALL, report(alerts=(order("first", "security"),)), NOON)
    store.escalations.advance(small_roster(), NOON)
    lost = store.outbox.claim("w1", NOON, 1, 10)
    assert store.outbox.release_expired(after(9)) == 0
    assert store.outbox.release_expired(after(11)) == 1
    again = [c for c in store.outbox.claim("w2", after(11), 10, 10) if c.channel == lost[0].channel]
    assert [(c.attempt, c.repeat) for c in again] == [(2, True)]
    assert "outcome_unknown" in kinds(store, incident)


def test_a_result_that_comes_after_the_lease_still_counts_and_saves_the_repeat(
    store: Store,
) -> None:
    store.incidents.open(CALL, report(alerts=(order("first", "security"),)), NOON)
    store.escalations.advance(small_roster(), NOON)
    slow = store.outbox.claim("w1", NOON, 1, 10)[0]
    store.outbox.release_expired(after(11))
    store.outbox.record(slow.id, Delivery(DeliveryState.ACCEPTED), after(12))
    assert all(c.channel != slow.channel for c in store.outbox.claim("w2", after(12), 10, 10))


def test_late_and_repeated_receipts_never_set_a_message_back(store: Store) -> None:
    incident = store.incidents.open(CALL, report(alerts=(order("first", "security"),)), NOON)
    store.escalations.advance(small_roster(), NOON)
    claim = store.outbox.claim("w1", NOON, 1, 10)[0]
    store.outbox.record(claim.id, Delivery(DeliveryState.ANSWERED, reference="SM1"), NOON)
    store.outbox.record(claim.id, Delivery(DeliveryState.ACCEPTED), NOON)
    assert not store.outbox.receipt(
        claim.channel, "SM1", Delivery(DeliveryState.FAILED_PERM), after(1)
    )
    states = {row.id: row.state for row in store.outbox.of_incident(incident)}
    assert states[claim.id] == "answered"
    assert kinds(store, incident).count("alert_accepted") == 1
    assert not store.outbox.receipt("ring", "SM9", Delivery(DeliveryState.DELIVERED), NOON)


def test_signs_of_life_grow_old(store: Store) -> None:
    assert store.heartbeats.age("worker", NOON) is None
    store.heartbeats.beat("worker", NOON)
    store.heartbeats.beat("worker", after(4))
    assert store.heartbeats.age("worker", after(6)) == 2.0


def test_a_wrong_duty_list_leaves_the_last_good_one_in_force(store: Store) -> None:
    from ivr.documents import BrokenDocument
    from tests.fakes.alerting import ROSTER

    assert store.rosters.current() is None
    store.rosters.publish(ROSTER, "small.yaml", NOON)
    with pytest.raises(BrokenDocument, match=r"small\.yaml, line"):
        store.rosters.publish(ROSTER.replace("zone:", "zon:"), "small.yaml", after(1))
    assert store.rosters.current() == small_roster()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(st.sampled_from(["open", "amend", "raise", "ack", "end", "begin"]), max_size=10)
)
def test_writes_in_any_order_and_number_leave_one_incident_with_its_alert(
    store: Store, steps: list[str]
) -> None:
    call = CallId(f"C-{store.incidents.last_news()}-{len(store.incidents.list(200))}-{steps}"[:60])
    incident = store.incidents.open(call, report(severity=Severity.HIGH), NOON)
    for step in steps:
        match step:
            case "open":
                assert store.incidents.open(call, report(), NOON) == incident
            case "amend":
                store.incidents.amend(incident, report(severity=Severity.LOW, people=1), NOON)
            case "raise":
                store.incidents.amend(incident, report(people=2), NOON)
            case "ack":
                store.incidents.acknowledge(incident, "Wang", NOON)
            case "end":
                store.calls.end(call, Disposition.DROPPED, NOON)
            case "begin":
                begin(store, call)
    found = store.incidents.get(incident)
    assert found is not None
    assert found.severity is (Severity.CRITICAL if "raise" in steps else Severity.HIGH)
    assert (found.acknowledged is not None) is ("ack" in steps)
    store.escalations.advance(small_roster(), NOON)
    assert {row.target for row in store.outbox.of_incident(incident)} >= {"wang", "li"}
