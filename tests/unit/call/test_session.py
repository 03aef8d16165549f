"""One live call with a line, a clock and a voice of the test's own."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.call.line import KeyReceived
from ivr.call.records import Records
from ivr.call.session import CallSession
from ivr.dialog import events as ev
from ivr.dialog.state import Phase
from ivr.incident.model import CallId, Disposition, HeardBy
from tests.fakes.databases import fresh_store
from tests.fakes.editions import shipped_edition
from tests.fakes.live import NOON, FakeClock, FakeLine, OneSecondVoice, settled, tools

pytestmark = pytest.mark.unit

CALL = CallId("CA" + "1" * 32)


class Live:
    """A running session and its surroundings."""

    def __init__(self, folder: Path, voice: OneSecondVoice | None = None) -> None:
        self.line, self.clock = FakeLine(), FakeClock()
        self._store = fresh_store("sqlite", folder)
        self.store = self._store.__enter__()
        self.store.calls.begin(CALL, "+8613800000001", None, "r", "stream", NOON)
        records = Records(self.store, CALL)
        tools_ = tools(self.clock, voice)
        self.session = CallSession(self.line, shipped_edition(), records, tools_, CALL)
        started = ev.CallStarted(NOON, CALL, "+8613800000001")
        self.running = asyncio.create_task(self.session.run(started))

    async def says(self, text: str) -> None:
        self.line.played()
        await settled()
        self.session.post(ev.UtteranceHeard(self.clock.now(), text))
        await settled()

    async def over(self) -> None:
        if not self.line.closed:
            self.line.rings_off()
        await asyncio.wait_for(self.running, 10)
        self._store.__exit__(None, None, None)


def live(test: Callable[[Live], Awaitable[None]], folder: Path, **options: object) -> None:
    async def run() -> None:
        call = Live(folder, **options)  # type: ignore[arg-type]
        await settled()
        await test(call)
        await call.over()

    asyncio.run(run())


def test_the_greeting_comes_first_and_silence_counts_from_its_end(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        assert call.line.sent == ["G-01", "K-08"]
        await call.clock.wind(30)
        assert "SIL-L1" not in call.line.sent
        call.line.played()
        await settled()
        await call.clock.wind(5)
        assert call.line.sent[-1] == "SIL-L1"

    live(talk, tmp_path)


def test_the_incident_is_written_while_the_first_line_is_spoken(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        await call.says("我家厨房着火了,好大的烟")
        assert "FIRE-L1" in call.line.sent
        for _ in range(50):
            if call.store.incidents.of_call(CALL):
                break
            await settled()
        assert call.store.incidents.of_call(CALL) is not None

    live(talk, tmp_path)


def test_a_released_caller_is_let_go_only_when_all_is_said(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        await call.says("我家厨房着火了,好大的烟")
        await call.says("三栋二单元十二楼")
        await call.says("出得去")
        assert call.session.dialog.phase is Phase.ENDED
        assert not call.line.closed
        call.line.played()
        await settled()
        assert call.line.closed

    live(talk, tmp_path)


def test_a_carrier_that_returns_no_mark_does_not_hold_the_call_open(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        await call.says("家里进贼了,贼还在里面")
        assert not call.line.closed
        await call.clock.wind(30)
        assert call.line.closed

    live(talk, tmp_path)


def test_speech_over_the_greeting_flushes_it_and_is_counted_as_heard_in_part(
    tmp_path: Path,
) -> None:
    async def talk(call: Live) -> None:
        call.clock.at += timedelta(seconds=0.4)
        call.session.post(ev.SpeechStarted(call.clock.now()))
        await settled()
        assert call.line.cleared == 1
        heard = {t.line: t.heard for t in call.session.dialog.told}
        assert heard == {"G-01": HeardBy.PART, "K-08": HeardBy.NONE}

    live(talk, tmp_path)


def test_the_life_saving_line_is_not_cut_off_by_the_callers_voice(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        await call.says("我家厨房着火了,好大的烟")
        before = call.line.cleared
        call.session.post(ev.SpeechStarted(call.clock.now()))
        await settled()
        assert call.line.cleared == before

    live(talk, tmp_path)


def test_key_zero_alone_reaches_a_person_after_two_seconds(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        call.line.give(KeyReceived("0"))
        await settled()
        assert call.session.dialog.phase is not Phase.TRANSFERRING
        await call.clock.wind(2)
        assert call.session.dialog.phase is Phase.TRANSFERRING
        call.line.played()
        await settled()
        assert call.line.closed

    live(talk, tmp_path)


def test_a_mute_hotline_hands_the_caller_to_a_person(tmp_path: Path) -> None:
    async def talk(call: Live) -> None:
        await settled()
        assert call.session.dialog.phase is Phase.TRANSFERRING
        assert call.store.calls.journal_of(CALL)

    live(talk, tmp_path, voice=OneSecondVoice(mute=frozenset({"G-01"})))


def test_a_database_that_refuses_the_incident_hands_the_caller_to_a_person(
    tmp_path: Path,
) -> None:
    async def talk(call: Live) -> None:
        def refuse(*_: object) -> None:
            message = "disk full"
            raise OSError(message)

        call.store.incidents.open = refuse  # type: ignore[assignment,method-assign]
        await call.says("我家厨房着火了,好大的烟")
        for _ in range(200):
            if call.session.dialog.phase is Phase.TRANSFERRING:
                break
            await settled()
        assert call.session.dialog.phase is Phase.TRANSFERRING

    live(talk, tmp_path)


def test_an_incident_is_written_late_when_the_disk_has_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.call.clerk.INSIST_EVERY_S", 0.01)

    async def talk(call: Live) -> None:
        real, refused = call.store.incidents.open, []

        def full(*report: object) -> object:
            if len(refused) < 5:
                refused.append(1)
                raise OSError("disk full")
            return real(*report)  # type: ignore[arg-type]

        call.store.incidents.open = full  # type: ignore[assignment,method-assign]
        await call.says("我家厨房着火了,好大的烟")
        for _ in range(300):
            if call.store.incidents.of_call(CALL):
                break
            await settled()
        assert len(refused) == 5
        assert call.store.incidents.of_call(CALL) is not None

    live(talk, tmp_path)


def test_a_caller_who_rings_off_mid_sentence_leaves_an_incident_and_a_closed_call(
    tmp_path: Path,
) -> None:
    async def talk(call: Live) -> None:
        await call.says("我家厨房着火了")
        call.line.rings_off()
        await asyncio.wait_for(asyncio.shield(call.running), 10)
        record = call.store.calls.get(CALL)
        assert record is not None
        assert record.disposition is Disposition.CALLER_HUNG_UP
        assert record.incident is not None

    live(talk, tmp_path)


def test_a_broken_socket_leaves_the_call_open_for_the_document_behind_the_stream(
    tmp_path: Path,
) -> None:
    async def talk(call: Live) -> None:
        await call.says("我家厨房着火了")
        call.line.breaks()
        await asyncio.wait_for(asyncio.shield(call.running), 10)
        record = call.store.calls.get(CALL)
        assert record is not None
        assert record.disposition is None

    live(talk, tmp_path)
