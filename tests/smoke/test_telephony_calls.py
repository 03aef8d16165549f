"""Whole calls by the simulated carrier against the telephony room on a real port."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ivr.audio import mulaw, wav
from ivr.call.line import KeyReceived, LineEnded
from ivr.call.switchboard import DialPerson
from ivr.dialog.effects import HangUp, Say
from ivr.dialog.events import KeyPressed, TimerFired, UtteranceHeard
from ivr.incident.model import Disposition
from ivr.phone.caller import Caller, Turn
from ivr.phone.carrier import Network, Placed, place_call
from ivr.phone.duty_phone import ANSWERS, BUSY, MAILBOX, NEVER_ANSWERS, DutyPhone
from ivr.phone.media_stream import Faults
from tests.fakes.hotline import TOKEN, Hotline, hotline
from tests.fakes.prompts import TonePrompts, tone
from tests.fakes.switchboard import FakeSwitchboard

pytestmark = pytest.mark.smoke

SPOKEN = mulaw.encode(wav.read(tone(0.5, 300.0)))
FAST = Network(pace=0.0)
PACED = Network(max_s=30.0)
Call = Callable[[Hotline], Coroutine[Any, Any, Placed]]


def placed(
    switchboard: FakeSwitchboard,
    *turns: Turn,
    network: Network = PACED,
    stay_s: float = 1.5,
) -> Placed:
    async def run() -> Placed:
        async with hotline(switchboard) as line:
            caller = Caller(turns, stay_s=stay_s, patience_s=4.0)
            fallback = f"{line.url}/voice/fallback"
            return await place_call(
                line.url, TOKEN, caller, replace(network, fallback_url=fallback)
            )

    return asyncio.run(run())


def greeting() -> FakeSwitchboard:
    switchboard = FakeSwitchboard()
    switchboard.line_audio = mulaw.encode(wav.read(tone(0.6)))
    return switchboard


def only(switchboard: FakeSwitchboard) -> Any:
    (call,) = switchboard.calls.values()
    return call


def test_a_call_over_the_stream_speaks_echoes_takes_keys_and_ends() -> None:
    switchboard = greeting()
    call = placed(switchboard, Turn(audio=SPOKEN), Turn(keys="#"))
    assert (call.ended_by, call.why) == ("hotline", "")
    assert [one.path for one in call.documents] == ["/voice/incoming", "/voice/continue"]
    assert call.streams[0].marks_played == ["greeting"]
    assert KeyReceived("#") in only(switchboard).inputs
    assert only(switchboard).ends == ["completed"]
    assert call.timing.first_sound_s is not None
    assert call.timing.first_sound_s < 0.5
    assert len(call.timing.replies) == 1
    heard = mulaw.decode(call.recording.hotline()).astype(np.int64)
    assert len(call.recording.caller()) == len(call.recording.hotline())
    assert np.count_nonzero(np.abs(heard) > 200) > 8000  # greeting and echo


def test_a_call_over_gather_speaks_asks_hears_and_ends() -> None:
    switchboard = FakeSwitchboard(stream=False)
    call = placed(switchboard, Turn(audio=SPOKEN, text="三栋着火"), Turn(keys="1"), network=FAST)
    assert (call.ended_by, call.why) == ("hotline", "")
    heard = only(switchboard).events
    assert [type(event) for event in heard] == [UtteranceHeard, KeyPressed]
    assert heard[0].text == "三栋着火"
    assert [one.verbs for one in call.documents] == [
        ("Gather", "Redirect"),
        ("Play", "Gather", "Redirect"),
        ("Play", "Hangup"),
    ]


def test_silence_over_gather_fires_the_engines_timer() -> None:
    switchboard = FakeSwitchboard(stream=False)
    placed(switchboard, Turn(silence_s=3.0), network=Network(pace=0.0, max_s=8.0))
    assert isinstance(only(switchboard).events[0], TimerFired)
    assert only(switchboard).events[0].timer == "silence"


def test_lines_without_recordings_are_said_by_the_carrier() -> None:
    async def run() -> Placed:
        prompts = TonePrompts(missing=frozenset({"G-01", "place"}))
        async with hotline(FakeSwitchboard(stream=False), prompts) as line:
            caller = Caller([Turn(text="x", audio=SPOKEN), Turn(keys="1")])
            return await place_call(line.url, TOKEN, caller, FAST)

    call = asyncio.run(run())
    assert call.ended_by == "hotline"
    assert b"<Say" in call.documents[0].body
    assert b"building 3" in call.documents[1].body


def test_a_stream_that_breaks_goes_on_by_document() -> None:
    switchboard = greeting()
    broken = Network(faults=Faults(break_stream_after_s=1.0), max_s=30.0)
    call = placed(switchboard, Turn(silence_s=1.2), Turn(audio=SPOKEN, text="还在"), network=broken)
    inputs = only(switchboard).inputs
    assert inputs[-1] == LineEnded(clean=False)
    assert sum(isinstance(one, LineEnded) for one in inputs) == 1
    assert [one.path for one in call.documents][:2] == ["/voice/incoming", "/voice/continue"]
    assert call.documents[1].verbs == ("Gather", "Redirect")
    assert any(isinstance(event, UtteranceHeard) for event in only(switchboard).events)


def test_an_account_that_may_not_stream_is_answered_by_document() -> None:
    switchboard = greeting()
    trial = Network(pace=0.0, faults=Faults(refuse_stream=True))
    call = placed(switchboard, Turn(audio=SPOKEN, text="喂"), Turn(keys="1"), network=trial)
    assert call.ended_by == "hotline"
    assert only(switchboard).resumed == 1
    assert len(only(switchboard).events) == 2


def test_every_webhook_twice_changes_nothing() -> None:
    switchboard = FakeSwitchboard(stream=False)
    doubled = Network(pace=0.0, faults=Faults(double_webhooks=True))
    call = placed(switchboard, Turn(text="喂", audio=SPOKEN), Turn(keys="1"), network=doubled)
    assert (call.ended_by, call.why) == ("hotline", "")
    assert len(only(switchboard).events) == 2
    assert len(switchboard.rung) == 1


def test_doubled_and_swapped_media_reach_the_call_once_and_in_order() -> None:
    switchboard = greeting()
    rough = Network(faults=Faults(double_media=True, swap_media=True))
    placed(switchboard, Turn(keys="#"), network=rough)
    stamps = [one.timestamp_ms for one in only(switchboard).inputs if hasattr(one, "timestamp_ms")]
    assert len(stamps) > 20
    assert stamps == sorted(set(stamps))


def test_hanging_up_ends_the_stream_cleanly() -> None:
    switchboard = greeting()
    call = placed(switchboard, Turn(hang_up=True, barge_in_after_s=0.2))
    assert call.ended_by == "caller"
    assert only(switchboard).inputs[-1] == LineEnded(clean=True)
    assert only(switchboard).ends == ["completed"]


def test_clear_flushes_the_carrier_and_returns_the_mark() -> None:
    switchboard = greeting()
    switchboard.line_audio *= 20
    call = placed(switchboard, Turn(keys="*", barge_in_after_s=0.3), Turn(keys="#", wait_s=0.2))
    stream = call.streams[0]
    assert (stream.clears, stream.marks_flushed, stream.marks_played) == (1, ["greeting"], [])


def test_a_wrong_token_of_the_carrier_is_refused_and_nobody_rings() -> None:
    async def run() -> tuple[Placed, FakeSwitchboard]:
        switchboard = greeting()
        async with hotline(switchboard) as line:
            call = await place_call(line.url, "forged", Caller([]), FAST)
        return call, switchboard

    call, switchboard = asyncio.run(run())
    assert call.ended_by == "error"
    assert call.documents[0].status == 403
    assert switchboard.calls == {}


def transferred(duty: DutyPhone, pace: float = 0.0) -> tuple[Placed, FakeSwitchboard]:
    switchboard = FakeSwitchboard(stream=False)
    switchboard.reply = lambda *_: (Say("K-07", "zh"), HangUp(Disposition.COMPLETED))
    switchboard.ring = lambda ringing: (  # type: ignore[method-assign]
        switchboard.rung.append(ringing) or DialPerson("+8613900000009", 5.0, (Say("G-11", "zh"),))
    )
    talk = replace(duty, talks_s=1.0)
    message = Turn(audio=SPOKEN, text="请快来")
    call = placed(switchboard, message, network=Network(pace=pace, duty=talk), stay_s=8.0)
    return call, switchboard


def test_a_transfer_reaches_the_person_who_presses_1() -> None:
    call, switchboard = transferred(ANSWERS)
    assert call.dials == ["completed"]
    assert call.ended_by == "hotline"
    assert list(switchboard.accepted_calls) == [call.call]
    whispered = next(one for one in call.documents if "whisper" in one.path)
    assert whispered.verbs == ("Gather", "Hangup")


@pytest.mark.parametrize(
    ("duty", "status"), [(NEVER_ANSWERS, "no-answer"), (BUSY, "busy"), (MAILBOX, "declined")]
)
def test_a_transfer_that_fails_comes_back_for_a_message(duty: DutyPhone, status: str) -> None:
    call, switchboard = transferred(duty)
    assert call.dials == [status]
    assert call.messages == 1
    assert switchboard.accepted_calls == []


def test_a_broken_switchboard_dials_the_duty_desk() -> None:
    switchboard = FakeSwitchboard()
    switchboard.broken = True
    call = placed(switchboard, network=Network(pace=0.0, duty=replace(ANSWERS, talks_s=1.0)))
    assert call.dials == ["completed"]
    assert call.ended_by == "hotline"


def test_a_broken_switchboard_and_nobody_there_takes_a_message() -> None:
    switchboard = FakeSwitchboard()
    switchboard.broken = True
    message = Turn(audio=SPOKEN, text="三栋着火")
    desk = Network(pace=0.0, duty=NEVER_ANSWERS)
    call = placed(switchboard, message, network=desk, stay_s=8.0)
    assert (call.dials, call.messages, call.ended_by) == (["no-answer"], 1, "hotline")
