"""The line over a socket: inputs, play-out bookkeeping, marks, and every way it can end."""

import asyncio
import base64
import json
from collections.abc import Coroutine, Mapping
from typing import Any

import pytest

from ivr.call.line import AudioReceived, KeyReceived, LineEnded, LineInput, MarkReturned
from ivr.telephony.media_codec import StreamStarted
from ivr.telephony.twilio_line import BAD_LIMIT, TwilioLine

pytestmark = pytest.mark.unit
STARTED = StreamStarted("MZ1", "CA1", {}, "audio/x-mulaw", 8000, 1, 1)


class Socket:
    """An ASGI socket whose inbox is written ahead; it breaks where `broken` is set."""

    def __init__(self, *texts: str | bytes, ends: int | None = 1006) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[Mapping[str, Any]] = []
        self.broken = False
        for text in texts:
            kind = "text" if isinstance(text, str) else "bytes"
            self.inbox.put_nowait({"type": "websocket.receive", kind: text})
        if ends is not None:
            self.inbox.put_nowait({"type": "websocket.disconnect", "code": ends})

    async def receive(self) -> dict[str, Any]:
        return await self.inbox.get()

    async def send(self, message: Mapping[str, Any]) -> None:
        if self.broken:
            raise ConnectionResetError
        self.sent.append(message)


def line_of(socket: Socket, silence_s: float = 1.0) -> TwilioLine:
    return TwilioLine(STARTED, socket.receive, socket.send, silence_s)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def all_of(line: TwilioLine) -> list[LineInput]:
    return [one async for one in line.inputs()]


def media(number: int) -> str:
    body = {"timestamp": str(20 * number), "payload": base64.b64encode(b"\x7f" * 160).decode()}
    return json.dumps({"event": "media", "sequenceNumber": str(number), "media": body})


def mark(number: int, name: str) -> str:
    return json.dumps({"event": "mark", "sequenceNumber": str(number), "mark": {"name": name}})


STOP = '{"event":"stop"}'
KEY = '{"event":"dtmf","sequenceNumber":"3","dtmf":{"digit":"5"}}'


def test_sound_keys_and_the_end_come_in_order() -> None:
    async def work() -> list[LineInput]:
        return await all_of(line_of(Socket(media(2), KEY, STOP)))

    assert run(work()) == [
        AudioReceived(b"\x7f" * 160, 40),
        KeyReceived("5"),
        LineEnded(clean=True),
    ]


def test_a_socket_that_breaks_ends_the_line_uncleanly_and_once() -> None:
    async def work() -> list[LineInput]:
        return await all_of(line_of(Socket(media(2), media(4))))

    found = run(work())
    assert found[-1] == LineEnded(clean=False)
    assert len(found) == 3  # what was held for the missing message still comes


def test_a_carrier_that_falls_silent_ends_the_line() -> None:
    async def work() -> tuple[list[LineInput], list[Mapping[str, Any]]]:
        socket = Socket(ends=None)
        return await all_of(line_of(socket, silence_s=0.01)), socket.sent

    inputs, sent = run(work())
    assert inputs == [LineEnded(clean=False)]
    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_noise_between_messages_is_passed_over() -> None:
    junk = ["{", b"\x00\x01", '{"event":"new"}', "x" * 200_000, '{"event":"connected"}']

    async def work() -> list[LineInput]:
        return await all_of(line_of(Socket(*junk, media(2), STOP)))

    assert [type(one) for one in run(work())] == [AudioReceived, LineEnded]


def test_nothing_but_noise_is_given_up() -> None:
    async def work() -> list[LineInput]:
        return await all_of(line_of(Socket(*["{"] * BAD_LIMIT, media(2), ends=None)))

    assert run(work()) == [LineEnded(clean=False)]


def test_long_audio_goes_out_in_pieces_and_counts_as_queued() -> None:
    async def work() -> None:
        socket = Socket(mark(2, "half"), STOP)
        line = line_of(socket)
        await line.play(b"\x7f" * 4000)
        await line.mark("half")
        await line.play(b"\x7f" * 4000)
        assert (line.playout.sent_s, line.playout.queued_s) == (1.0, 1.0)
        assert len(socket.sent) == 11
        assert MarkReturned("half") in await all_of(line)
        assert (line.playout.played_s, line.playout.queued_s) == (0.5, 0.5)

    run(work())


def test_a_mark_that_comes_back_after_clear_was_not_played() -> None:
    async def work() -> None:
        socket = Socket(mark(2, "one"), STOP)
        line = line_of(socket)
        await line.play(b"\x7f" * 8000)
        await line.mark("one")
        await line.clear()
        assert json.loads(socket.sent[-1]["text"])["event"] == "clear"
        assert MarkReturned("one") in await all_of(line)
        assert line.playout.played_s == 0.0
        assert line.playout.queued_s == 0.0

    run(work())


def test_nothing_raises_after_the_line_has_ended() -> None:
    async def work() -> None:
        socket = Socket()
        line = line_of(socket)
        socket.broken = True
        await line.play(b"\x7f" * 160)
        await line.mark("x")
        await line.clear()
        await line.close()
        await line.close()
        assert isinstance((await all_of(line))[-1], LineEnded)

    run(work())


def test_closing_twice_closes_once() -> None:
    async def work() -> list[Mapping[str, Any]]:
        socket = Socket()
        line = line_of(socket)
        await line.close()
        await line.close()
        await line.play(b"\x7f" * 160)
        return socket.sent

    assert run(work()) == [{"type": "websocket.close", "code": 1000}]
