"""What every switchboard must keep to, whoever implements it.

Subclass it, give `switchboard()` one with an empty store, and name the class `Test…`:

    class TestDesk(SwitchboardContract):
        def switchboard(self) -> Switchboard: ...
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from ivr.call.line import AudioReceived, LineEnded, LineInput
from ivr.call.switchboard import (
    Answer,
    AnswerByGather,
    AnswerByPerson,
    AnswerByStream,
    DialPerson,
    GatherTurn,
    Ringing,
    Switchboard,
)
from ivr.incident.model import CallId

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALL = CallId("CA" + "a" * 32)
OTHER = CallId("CA" + "b" * 32)


class ShortLine:
    """A line whose caller says nothing and rings off after some frames."""

    def __init__(self, frames: int = 25, *, clean: bool = True) -> None:
        self._frames = frames
        self._clean = clean
        self.played = bytearray()
        self.closed = False

    async def inputs(self) -> AsyncIterator[LineInput]:
        for at in range(self._frames):
            await asyncio.sleep(0)
            yield AudioReceived(b"\xff" * 160, at * 20)
        yield LineEnded(clean=self._clean)

    async def play(self, audio: bytes) -> None:
        self.played += audio

    async def mark(self, name: str) -> None:
        """The caller rings off before anything is played."""

    async def clear(self) -> None:
        """Nothing is queued."""

    async def close(self) -> None:
        self.closed = True


class SwitchboardContract:
    """The tests; see the module's docstring."""

    def switchboard(self, *, stream: bool) -> Switchboard:
        """Return a switchboard with an empty store that answers by stream, or by document."""
        raise AssertionError("say which switchboard is to be tested")

    def ringing(self, call: CallId = CALL) -> Ringing:
        return Ringing(call, "+8613800000001", "+8602300000000", AT)

    def token(self, board: Switchboard, call: CallId = CALL) -> str:
        answer = board.ring(self.ringing(call))
        assert isinstance(answer, AnswerByStream)
        return answer.token

    def test_a_call_that_rings_twice_is_one_call_with_one_token(self) -> None:
        board = self.switchboard(stream=True)
        first = board.ring(self.ringing())
        assert board.ring(replace(self.ringing(), at=AT + timedelta(seconds=3))) == first

    def test_a_withheld_number_is_answered_too(self) -> None:
        board = self.switchboard(stream=True)
        answer = board.ring(replace(self.ringing(), caller=None, called=None))
        assert isinstance(answer, get_args(Answer))

    def test_a_stream_is_admitted_once_and_only_with_its_own_token(self) -> None:
        board = self.switchboard(stream=True)
        mine, others = self.token(board), self.token(board, OTHER)
        assert not board.admit_stream(CALL, others)
        assert not board.admit_stream(CALL, "")
        assert not board.admit_stream(CallId("CAunknown"), mine)
        assert board.admit_stream(CALL, mine)
        assert not board.admit_stream(CALL, mine)
        assert board.admit_stream(OTHER, others)

    def test_a_replayed_ring_does_not_open_a_used_token_again(self) -> None:
        board = self.switchboard(stream=True)
        assert board.admit_stream(CALL, self.token(board))
        again = board.ring(self.ringing())
        if isinstance(again, AnswerByStream):
            assert not board.admit_stream(CALL, again.token)

    def test_a_stream_that_never_opened_goes_on_by_document_or_person(self) -> None:
        board = self.switchboard(stream=True)
        self.token(board)
        assert isinstance(board.resume(CALL, AT), AnswerByGather | AnswerByPerson | DialPerson)

    def test_a_stream_that_broke_goes_on_by_document_or_person(self) -> None:
        board = self.switchboard(stream=True)
        board.admit_stream(CALL, self.token(board))
        asyncio.run(board.run_stream(CALL, ShortLine(clean=False)))
        assert isinstance(board.resume(CALL, AT), AnswerByGather | AnswerByPerson | DialPerson)

    def test_running_a_stream_returns_when_the_caller_rings_off(self) -> None:
        board = self.switchboard(stream=True)
        board.admit_stream(CALL, self.token(board))
        asyncio.run(asyncio.wait_for(board.run_stream(CALL, ShortLine()), 20))

    def test_a_resume_of_an_unknown_call_is_answered(self) -> None:
        board = self.switchboard(stream=True)
        assert isinstance(board.resume(CallId("CAunknown"), AT), get_args(Answer))

    def test_a_turn_that_comes_twice_gets_the_same_answer(self) -> None:
        board = self.switchboard(stream=False)
        first = board.ring(self.ringing())
        assert isinstance(first, AnswerByGather)
        turn = GatherTurn(first.turn, speech="喂")
        second = board.hear(CALL, turn, AT + timedelta(seconds=5))
        assert board.hear(CALL, turn, AT + timedelta(seconds=6)) == second
        if isinstance(second, AnswerByGather):
            assert second.turn > first.turn

    def test_an_old_turn_is_not_heard_again(self) -> None:
        board = self.switchboard(stream=False)
        first = board.ring(self.ringing())
        assert isinstance(first, AnswerByGather)
        second = board.hear(CALL, GatherTurn(first.turn), AT + timedelta(seconds=6))
        assert isinstance(second, AnswerByGather)
        third = board.hear(CALL, GatherTurn(second.turn), AT + timedelta(seconds=12))
        board.hear(CALL, GatherTurn(first.turn, digits="0"), AT + timedelta(seconds=13))
        again = board.hear(CALL, GatherTurn(second.turn), AT + timedelta(seconds=14))
        assert again == third

    def test_silence_is_answered_and_never_with_nothing(self) -> None:
        board = self.switchboard(stream=False)
        answer = board.ring(self.ringing())
        at = AT
        for _ in range(12):
            if not isinstance(answer, AnswerByGather):
                break
            assert answer.effects
            at += timedelta(seconds=8)
            answer = board.hear(CALL, GatherTurn(answer.turn), at)
        assert isinstance(answer, get_args(Answer))

    def test_a_transfer_is_answered_however_it_ended(self) -> None:
        board = self.switchboard(stream=False)
        board.ring(self.ringing())
        for status in ("completed", "no-answer", "busy", "failed", "canceled", "odd"):
            assert isinstance(board.dialled(CALL, status, AT), get_args(Answer))

    def test_the_end_may_come_first_twice_and_for_calls_never_seen(self) -> None:
        board = self.switchboard(stream=True)
        board.ended(CallId("CAunknown"), "completed", AT)
        board.ended(CALL, "completed", AT)
        board.ring(self.ringing())
        for status in ("completed", "failed", "completed"):
            board.ended(CALL, status, AT)

    def test_the_staff_leg_always_hears_something(self) -> None:
        board = self.switchboard(stream=False)
        board.ring(self.ringing())
        assert board.whisper(CALL)
        board.accepted(CALL, AT)
        board.accepted(CALL, AT)
