"""What every `Line` must keep to, run on the Twilio line over a real socket.

The other end is the simulated carrier's own wire against uvicorn; later lines (SIP) subclass
`LineContract` and say how a line is opened.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from ivr.call.line import AudioReceived, KeyReceived, Line, LineEnded, LineInput, MarkReturned
from ivr.call.switchboard import AnswerByStream, Ringing
from ivr.incident.model import CallId
from ivr.phone.wire import Socket, Wire
from tests.fakes.hotline import TOKEN, hotline
from tests.fakes.switchboard import FakeSwitchboard

pytestmark = pytest.mark.contract

CALL = CallId("CA1")


class Carrier:
    """The far end of the line, in the port's own words."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._number = 1
        self.seen: list[dict[str, Any]] = []

    async def send(self, event: str, body: dict[str, Any]) -> None:
        self._number += 1
        message = {"event": event, "sequenceNumber": str(self._number), "streamSid": "MZ1"}
        await self._socket.send(json.dumps(message | {event: body}))

    async def speak(self, frame: bytes) -> None:
        body = {"timestamp": str(20 * self._number), "payload": base64.b64encode(frame).decode()}
        await self.send("media", body)

    async def read(self) -> None:
        async for text in self._socket.texts():
            self.seen.append(json.loads(text))

    def tear(self) -> None:
        self._socket.tear()


Script = Callable[[Line, Carrier], Awaitable[Any]]


@asynccontextmanager
async def twilio_line() -> AsyncIterator[tuple[Line, Carrier]]:
    opened: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    class Lending(FakeSwitchboard):
        async def run_stream(self, call: CallId, line: Line) -> None:
            opened.set_result(line)
            await done.wait()

    switchboard = Lending()
    async with hotline(switchboard) as line, Wire(TOKEN) as wire:
        at = line.hooks.now()
        answer = switchboard.ring(Ringing(CALL, None, None, at))
        assert isinstance(answer, AnswerByStream)
        url = line.url.replace("http", "ws") + "/voice/stream"
        async with wire.stream(url) as socket:
            shape = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
            body = {"callSid": CALL, "mediaFormat": shape, "streamSid": "MZ1"}
            body["customParameters"] = {"token": answer.token}
            start = {"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": body}
            await socket.send(json.dumps(start))
            carrier = Carrier(socket)
            reading = asyncio.create_task(carrier.read())
            try:
                yield await asyncio.wait_for(opened, 5), carrier
            finally:
                done.set()
                reading.cancel()


async def taken(line: Line, count: int = 100) -> list[LineInput]:
    found: list[LineInput] = []
    async for one in line.inputs():
        found.append(one)
        if len(found) == count:
            break
    return found


class LineContract:
    def opened(self) -> AbstractAsyncContextManager[tuple[Line, Carrier]]:
        raise AssertionError("say how a line is opened")

    def run(self, script: Script) -> Any:
        async def work() -> Any:
            async with self.opened() as (line, carrier), asyncio.timeout(10):
                return await script(line, carrier)

        return asyncio.run(work())

    def test_sound_and_keys_arrive_in_order(self) -> None:
        async def script(line: Line, carrier: Carrier) -> list[LineInput]:
            await carrier.speak(b"\x01" * 160)
            await carrier.send("dtmf", {"digit": "0"})
            await carrier.speak(b"\x02" * 160)
            return await taken(line, 3)

        first, key, second = self.run(script)
        assert isinstance(first, AudioReceived)
        assert isinstance(second, AudioReceived)
        assert (first.frame[0], key, second.frame[0]) == (1, KeyReceived("0"), 2)
        assert first.timestamp_ms < second.timestamp_ms

    def test_what_is_played_marked_and_cleared_arrives_in_that_order(self) -> None:
        async def script(line: Line, carrier: Carrier) -> list[dict[str, Any]]:
            await line.play(b"\x7f" * 1000)
            await line.mark("m")
            await line.clear()
            while len(carrier.seen) < 4:
                await asyncio.sleep(0)
            return carrier.seen

        seen = self.run(script)
        assert [message["event"] for message in seen] == ["media", "media", "mark", "clear"]
        assert {message["streamSid"] for message in seen} == {"MZ1"}

    def test_a_mark_returns_by_its_name(self) -> None:
        async def script(line: Line, carrier: Carrier) -> list[LineInput]:
            await line.mark("m")
            await carrier.send("mark", {"name": "m"})
            return await taken(line, 1)

        assert self.run(script) == [MarkReturned("m")]

    def test_a_hang_up_ends_cleanly_and_last(self) -> None:
        async def script(line: Line, carrier: Carrier) -> list[LineInput]:
            await carrier.send("stop", {"callSid": CALL})
            return await taken(line)

        assert self.run(script) == [LineEnded(clean=True)]

    def test_a_torn_connection_ends_uncleanly(self) -> None:
        async def script(line: Line, carrier: Carrier) -> list[LineInput]:
            carrier.tear()
            return await taken(line)

        assert self.run(script) == [LineEnded(clean=False)]

    def test_nothing_raises_after_the_end(self) -> None:
        async def script(line: Line, carrier: Carrier) -> None:
            carrier.tear()
            await taken(line)
            for _ in range(3):
                await line.play(b"\x7f" * 5000)
                await line.mark("m")
                await line.clear()
                await line.close()

        self.run(script)

    def test_closing_ends_the_inputs(self) -> None:
        async def script(line: Line, carrier: Carrier) -> list[LineInput]:
            await line.close()
            return await taken(line)

        assert isinstance(self.run(script)[-1], LineEnded)


class TestTwilioLine(LineContract):
    def opened(self) -> AbstractAsyncContextManager[tuple[Line, Carrier]]:
        return twilio_line()
