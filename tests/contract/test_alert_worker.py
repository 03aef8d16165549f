"""The worker over the real store, on both databases; the clock is wound, nothing sleeps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.escalation.roster import Roster
from ivr.incident.delivery import Delivery, DeliveryState
from ivr.incident.model import CallId, Place, Severity
from ivr.notify.channel import Later
from ivr.notify.desk import DeskPhones
from ivr.notify.worker import Worker
from ivr.store.store import Store
from tests.fakes.alerting import (
    ROSTER,
    ToldChannel,
    WoundClock,
    order,
    report,
    shipped_paper,
    small_roster,
)
from tests.fakes.databases import BOTH, fresh_store

pytestmark = pytest.mark.contract
CALL = CallId("CA1")


@dataclass
class Estate:
    """A store, a worker, and two told channels."""

    store: Store
    roster: Roster = field(default_factory=small_roster)
    clock: WoundClock = field(default_factory=WoundClock)
    card: ToldChannel = field(default_factory=ToldChannel)
    ring: ToldChannel = field(default_factory=ToldChannel)

    def __post_init__(self) -> None:
        self.worker = self.another_worker()

    def another_worker(self) -> Worker:
        channels = {"card": self.card, "ring": self.ring}
        return Worker(self.store, channels, lambda: self.roster, shipped_paper(), self.clock)

    def opens(self, **changes: object) -> str:
        return self.store.incidents.open(CALL, report(**changes), self.clock.at)

    def wind(self, seconds: float) -> None:
        """Second by second, as the worker would live through it."""
        for _ in range(int(seconds)):
            self.worker.run_once(self.clock.wind(1))

    def kinds(self, incident: str) -> list[str]:
        return [e.kind for e in self.store.incidents.timeline(incident)]  # type: ignore[arg-type]


@pytest.fixture(params=BOTH)
def estate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Estate]:
    with fresh_store(request.param, tmp_path) as store:
        yield Estate(store)


def test_the_first_round_alerts_every_role_of_the_order_by_both_means(estate: Estate) -> None:
    estate.opens()
    estate.worker.run_once(estate.clock.at)
    assert estate.card.people() == ["Li", "Wang"]
    assert estate.ring.people() == ["Li", "Wang"]
    assert estate.worker.run_once(estate.clock.at) == 0


def test_an_unanswered_guard_is_followed_by_lead_leader_and_manager_on_time(
    estate: Estate,
) -> None:
    estate.opens()
    estate.worker.run_once(estate.clock.at)
    for seconds, person in ((29, None), (1, "Lead"), (29, "Lead"), (1, "Duty"), (60, "Boss")):
        estate.wind(seconds)
        if person:
            assert person in estate.ring.people()
        else:
            assert "Lead" not in estate.ring.people()
    assert sum(m.person == "Boss" for m in estate.ring.sent) == 1


def test_once_somebody_has_it_nobody_else_is_rung(estate: Estate) -> None:
    incident = estate.opens()
    estate.wind(10)
    rung = len(estate.ring.sent)
    estate.store.incidents.acknowledge(incident, "Wang", estate.clock.at)  # type: ignore[arg-type]
    estate.wind(300)
    assert len(estate.ring.sent) == rung
    told = [message for message in estate.card.sent if message.kind == "update"]
    assert {message.person for message in told} == {"Wang", "Li"}
    assert all("Wang" in message.short for message in told)


def test_deadlines_hold_over_a_dead_worker(estate: Estate) -> None:
    estate.opens()
    estate.worker.run_once(estate.clock.at)
    estate.clock.wind(45)
    estate.worker = estate.another_worker()
    estate.worker.run_once(estate.clock.at)
    assert "Lead" in estate.ring.people()
    estate.wind(14)
    assert "Duty" not in estate.ring.people()
    estate.wind(1)
    assert "Duty" in estate.ring.people()


def test_changes_of_one_moment_become_one_update_that_names_them(estate: Estate) -> None:
    incident = estate.opens()
    estate.worker.run_once(estate.clock.at)
    for people, building in ((1, None), (2, None), (2, "3")):
        changed = report(people=people, place=Place(building=building))
        estate.store.incidents.amend(incident, changed, estate.clock.at)  # type: ignore[arg-type]
    estate.wind(3)
    updates = [m for m in estate.card.sent if m.kind == "update"]
    assert sorted(m.person for m in updates) == ["Li", "Wang"]
    assert all("人数:2" in m.short and "3栋" in m.short for m in updates)
    assert [m for m in estate.ring.sent if m.kind == "update"] == []


def test_a_new_order_goes_out_though_somebody_has_taken_the_incident(estate: Estate) -> None:
    incident = estate.opens(alerts=(order("first", "security"),))
    estate.worker.run_once(estate.clock.at)
    estate.store.incidents.acknowledge(incident, "Wang", estate.clock.at)  # type: ignore[arg-type]
    both = report(alerts=(order("first", "security"), order("trapped", "duty_leader")))
    estate.store.incidents.amend(incident, both, estate.clock.at)  # type: ignore[arg-type]
    estate.worker.run_once(estate.clock.at)
    assert "Duty" in estate.ring.people()


def test_a_severity_that_rises_rings_the_alerted_at_once(estate: Estate) -> None:
    incident = estate.opens(severity=Severity.MEDIUM, alerts=(order("first", "security"),))
    estate.worker.run_once(estate.clock.at)
    assert estate.ring.people() == []
    estate.store.incidents.amend(incident, report(), estate.clock.wind(5))  # type: ignore[arg-type]
    estate.worker.run_once(estate.clock.at)
    assert "Wang" in estate.ring.people()


def test_a_failed_send_is_tried_again_and_then_the_stand_in_is_reached(estate: Estate) -> None:
    estate.roster = small_roster()
    incident = estate.opens(alerts=(order("first", "control_room"),))
    estate.card.always = Delivery(DeliveryState.FAILED_TEMP, reason="HTTP 503")
    estate.ring.answers.extend([Delivery(DeliveryState.FAILED_PERM, reason="no such number")])
    estate.worker.run_once(estate.clock.at)
    estate.store.incidents.acknowledge(incident, "x", estate.clock.at)  # type: ignore[arg-type]
    estate.wind(90)
    tries = [m for m in estate.card.sent if m.person == "Li" and m.kind == "alert"]
    assert [m.attempt for m in tries] == [1, 2, 3, 4, 5, 6]
    assert "Wang" in estate.ring.people()  # security stands in for the control room
    assert "alert_failed" in estate.kinds(incident)


def test_a_channel_that_breaks_is_a_failure_and_delays_nobody(estate: Estate) -> None:
    estate.opens()
    estate.card.answers.extend([RuntimeError("boom"), RuntimeError("boom")])
    estate.worker.run_once(estate.clock.at)
    assert estate.ring.people() == ["Li", "Wang"]
    estate.wind(2)
    assert len(estate.card.sent) == 4


def test_an_empty_role_goes_to_the_next_one_and_the_timeline_says_so(estate: Estate) -> None:
    incident = estate.opens(alerts=(order("first", "fire_officer"),))
    estate.worker.run_once(estate.clock.at)
    assert estate.card.people() == ["Li"]
    assert "role_empty" in estate.kinds(incident)


def test_nobody_at_all_on_duty_is_pending_until_the_roster_is_mended(estate: Estate) -> None:
    good, estate.roster = estate.roster, Roster(estate.roster.zone, {}, {}, ())
    incident = estate.opens(alerts=(order("first", "security"),))
    estate.wind(25)
    assert estate.store.outbox.pending_alert_age(estate.clock.at) == 24.0
    assert estate.kinds(incident).count("nobody_on_duty") == 1
    estate.roster = good
    estate.wind(10)
    assert "Wang" in estate.card.people()
    assert estate.store.outbox.pending_alert_age(estate.clock.at) is None


def test_a_person_with_two_roles_hears_it_once(estate: Estate) -> None:
    estate.roster = small_roster(
        ROSTER.replace("control_room: [{people: [li]}]", "control_room: [{people: [wang]}]")
    )
    estate.opens()
    estate.worker.run_once(estate.clock.at)
    assert estate.card.people() == ["Wang"]


def test_a_worker_killed_between_claim_and_record_leaves_a_repeat_that_says_so(
    estate: Estate,
) -> None:
    estate.opens(alerts=(order("first", "security"),))
    estate.store.escalations.advance(estate.roster, estate.clock.at)
    assert len(estate.store.outbox.claim("killed", estate.clock.at, 10, 12)) == 2
    estate.wind(12)
    assert estate.card.sent == []
    estate.wind(1)
    assert [(m.person, m.attempt) for m in estate.card.sent] == [("Wang", 2)]
    assert estate.card.sent[0].short.startswith("(重发)")


def test_two_workers_at_once_send_each_message_once(estate: Estate) -> None:
    from concurrent.futures import ThreadPoolExecutor

    workers = [estate.another_worker() for _ in range(3)]
    for n in range(6):
        estate.store.incidents.open(CallId(f"C{n}"), report(), estate.clock.at)
    with ThreadPoolExecutor(3) as pool:
        for _ in range(4):
            list(pool.map(lambda w: w.run_once(estate.clock.at), workers))
    keys = [message.key for message in (*estate.card.sent, *estate.ring.sent)]
    assert len(keys) == len(set(keys)) == 24


def test_a_simulated_phone_takes_the_incident_after_its_time(estate: Estate) -> None:
    phones = {name: DeskPhones(estate.store, name, 8.0) for name in ("card", "ring")}
    worker = Worker(estate.store, phones, lambda: estate.roster, shipped_paper(), estate.clock)
    incident = estate.opens(alerts=(order("first", "security"),))
    worker.run_once(estate.clock.at)
    worker.run_once(estate.clock.wind(7))
    assert estate.store.incidents.get(incident).acknowledged is None  # type: ignore
    worker.run_once(estate.clock.wind(1))
    found = estate.store.incidents.get(incident)  # type: ignore[arg-type]
    assert found is not None
    assert found.acknowledged is not None
    assert found.acknowledged.by == "Wang"


def test_a_later_acknowledgement_from_a_channel_takes_the_incident(estate: Estate) -> None:
    incident = estate.opens(alerts=(order("first", "security"),))
    estate.ring.always = Delivery(DeliveryState.ACCEPTED, reference="SM7")
    estate.worker.run_once(estate.clock.at)
    estate.ring.results = [Later("SM7", Delivery(DeliveryState.ACKNOWLEDGED))]
    estate.wind(1)
    found = estate.store.incidents.get(incident)  # type: ignore[arg-type]
    assert found is not None
    assert found.acknowledged is not None
    assert found.acknowledged.by == "Wang"


@pytest.mark.slow
def test_fifty_incidents_in_one_minute_all_escalate_on_time(estate: Estate) -> None:
    for n in range(50):
        estate.store.incidents.open(
            CallId(f"C{n}"), report(alerts=(order("first", "security"),)), estate.clock.at
        )
    estate.worker.run_once(estate.clock.at)
    for _ in range(15):
        estate.worker.run_once(estate.clock.at)
    estate.clock.wind(30)
    for _ in range(30):
        estate.worker.run_once(estate.clock.at)
    assert sum(message.person == "Lead" for message in estate.ring.sent) == 50
