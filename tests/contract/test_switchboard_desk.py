"""The real desk keeps to the switchboard's contract, over streams and over documents."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.call.desk import Desk, Site
from ivr.call.switchboard import (
    AnswerByGather,
    AnswerByPerson,
    DialPerson,
    Finished,
    GatherTurn,
    Ringing,
    Switchboard,
)
from ivr.dialog.effects import Say, StartTimer
from ivr.store.calls import JournalEntry
from tests.contract.switchboard_contract import AT, CALL, SwitchboardContract
from tests.fakes.databases import fresh_store
from tests.fakes.editions import shipped_edition
from tests.fakes.live import FakeClock, tools

pytestmark = pytest.mark.contract


class Surroundings:
    media = "stream"

    @pytest.fixture(autouse=True)
    def _opened(self, tmp_path: Path) -> Iterator[None]:
        with ExitStack() as stack:
            self.store = stack.enter_context(fresh_store("sqlite", tmp_path))
            yield

    def switchboard(self, *, stream: bool) -> Switchboard:
        return self.desk(media="stream" if stream else "gather")

    def desk(self, *, ready: bool = True, media: str | None = None) -> Desk:
        site = Site(media or self.media, "+8602300000119", lambda _caller: None)
        return Desk(self.store, shipped_edition, site, tools(FakeClock(AT)), lambda: ready)


class TestDesk(Surroundings, SwitchboardContract):
    def test_a_desk_that_is_not_ready_hands_the_caller_to_a_person(self) -> None:
        answer = self.desk(ready=False).ring(Ringing(CALL, None, None, AT))
        assert answer == AnswerByPerson("+8602300000119")

    def test_a_dead_process_leaves_no_call_open_and_no_words_unheard(self) -> None:
        """Any process may be killed at any moment (design section 1)."""
        first = self.desk()
        first.ring(Ringing(CALL, "+8613800000001", None, AT))
        opened = first.resume(CALL, AT)
        assert isinstance(opened, AnswerByGather)
        first.hear(CALL, GatherTurn(opened.turn, speech="救命,三栋着火了"), AT)
        assert self.desk().sweep(AT) == 1
        record = self.store.calls.get(CALL)
        assert record is not None and record.disposition is not None
        assert record.incident is not None
        assert self.desk().sweep(AT) == 0

    def test_a_caller_still_on_the_line_after_a_restart_is_taken_up_again(self) -> None:
        first = self.desk(media="gather")
        answer = first.ring(Ringing(CALL, "+8613800000001", None, AT))
        assert isinstance(answer, AnswerByGather)
        first.hear(CALL, GatherTurn(answer.turn, speech="我被困在电梯里了"), AT)
        second = self.desk(media="gather")
        second.sweep(AT)
        later = AT + timedelta(seconds=5)
        again = second.hear(CALL, GatherTurn(answer.turn + 1, speech="二栋一单元"), later)
        assert isinstance(again, AnswerByGather)
        assert any(isinstance(e, Say) and e.line == "LIFT-Q1" for e in again.effects)
        timers = {e.timer: e.after_s for e in again.effects if isinstance(e, StartTimer)}
        assert "orders" in timers

    def test_a_stream_that_breaks_keeps_the_promise_of_a_minute(self) -> None:
        desk = self.desk()
        desk.ring(Ringing(CALL, "+8613800000001", None, AT))
        opened = desk.resume(CALL, AT)
        assert isinstance(opened, AnswerByGather)
        desk.sessions.clear()
        other = self.desk()
        resumed = other.resume(CALL, AT + timedelta(seconds=20))
        assert isinstance(resumed, AnswerByGather)
        timers = {e.timer: e.after_s for e in resumed.effects if isinstance(e, StartTimer)}
        assert timers["alert_by"] == pytest.approx(35)

    def test_a_journal_nobody_can_read_still_reaches_a_person(self) -> None:
        self.store.calls.begin(CALL, None, None, "r", "stream", AT)
        self.store.calls.journal(CALL, [JournalEntry(1, AT, "event", {"event": "Unheard"})])
        assert self.desk().sweep(AT) == 1
        record = self.store.calls.get(CALL)
        assert record is not None
        assert record.incident is not None


class TestDeskByDocuments(Surroundings):
    media = "gather"

    def turn(self, desk: Desk, answer: object, **said: object) -> object:
        assert isinstance(answer, AnswerByGather)
        return desk.hear(CALL, GatherTurn(answer.turn, **said), AT)  # type: ignore[arg-type]

    def lines(self, answer: object) -> list[str]:
        assert isinstance(answer, AnswerByGather)
        return [e.line for e in answer.effects if isinstance(e, Say)]

    def test_a_fire_is_led_to_its_release_by_documents_alone(self) -> None:
        desk = self.desk()
        answer = desk.ring(Ringing(CALL, "+8613800000001", None, AT))
        assert "G-01" in self.lines(answer)
        answer = self.turn(desk, answer, speech="我家厨房着火了,好大的烟")
        assert self.lines(answer)[0] == "FIRE-L1"
        incident = self.store.incidents.of_call(CALL)
        assert incident is not None
        answer = self.turn(desk, answer, digits="3*2*1204", finished_on="#")
        answer = self.turn(desk, answer, digits="1")
        assert self.lines(answer) == ["FIRE-L2", "FIRE-L9"]
        found = self.store.incidents.get(incident)
        assert found is not None
        assert found.report.place.room == "1204"
        assert found.report.place.verified

    def test_another_process_goes_on_where_the_first_one_died(self) -> None:
        first = self.desk()
        answer = first.ring(Ringing(CALL, "+8613800000001", None, AT))
        self.turn(first, answer, speech="我被困在电梯里了")
        second = self.desk()
        answer = second.hear(CALL, GatherTurn(99, speech="二栋一单元"), AT)
        assert isinstance(answer, AnswerByGather)
        assert "LIFT-Q1" in self.lines(answer)

    def test_three_failed_turns_dial_the_duty_desk_and_an_unanswered_one_goes_on(self) -> None:
        desk = self.desk()
        answer: object = desk.ring(Ringing(CALL, None, None, AT))
        while isinstance(answer, AnswerByGather):
            answer = desk.hear(CALL, GatherTurn(answer.turn), AT)
        assert isinstance(answer, DialPerson)
        assert self.store.incidents.of_call(CALL) is not None
        back = desk.dialled(CALL, "no-answer", AT)
        assert not isinstance(back, Finished)
