"""The carrier's side of `<Connect><Stream>`: 20 ms of caller each way, marks, clear, keys."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from ivr.phone import happenings as told
from ivr.phone.caller import OPEN
from ivr.phone.leg import HungUp, Leg, TooLong
from ivr.phone.wire import Refused, Socket, Wire


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on purpose."""

    break_stream_after_s: float | None = None
    """The network dies: no `stop`, no closing handshake."""
    double_webhooks: bool = False
    """Every webhook comes twice, with the same idempotency token."""
    double_media: bool = False
    swap_media: bool = False
    """Every fifth pair of media messages comes in the wrong order."""
    refuse_stream: bool = False
    """The account may not stream (trial): the carrier goes on behind `<Connect>` at once."""


@dataclass(slots=True)
class StreamReport:
    """How the stream went."""

    ended_by: str = "hotline"
    """`hotline` (closed the socket), `caller`, `broken`, `refused`."""
    status: int | None = None
    """HTTP status of a refused upgrade."""
    marks_played: list[str] = field(default_factory=list)
    marks_flushed: list[str] = field(default_factory=list)
    clears: int = 0
    received_bytes: int = 0


class MediaStream:
    """One stream of one call."""

    def __init__(
        self, leg: Leg, call: str, account: str, parameters: Mapping[str, str], faults: Faults
    ) -> None:
        self._leg = leg
        self._call = call
        self._account = account
        self._parameters = dict(parameters)
        self._faults = faults
        self._stream = "MZ" + uuid4().hex
        self._sequence = 0
        self._chunk = 0
        self._delayed: str | None = None
        self._closed = asyncio.Event()
        self.report = StreamReport()

    async def run(self, wire: Wire, url: str) -> StreamReport:
        """Carry the call until the hotline closes the socket, the caller rings off, or it breaks.

        Raises:
            HungUp, TooLong: as the leg does; `stop` has been sent.
        """
        try:
            async with wire.stream(url) as socket:
                await self._carry(socket)
        except Refused as refused:
            self.report.ended_by, self.report.status = "refused", refused.status
        finally:
            self._leg.playout.clear()
            self._leg.happened(told.StreamClosed(self._leg.now_s, self.report.ended_by))
        return self.report

    async def _carry(self, socket: Socket) -> None:
        await socket.send(
            json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        )
        await socket.send(self._message("start", "start", self._start()))
        self._leg.happened(told.StreamOpened(self._leg.now_s))
        begun = self._leg.now_s
        reader = asyncio.create_task(self._read(socket))
        try:
            while not self._closed.is_set():
                await self._tick(socket)
                broken = self._faults.break_stream_after_s
                if broken is not None and self._leg.now_s - begun >= broken:
                    self.report.ended_by = "broken"
                    socket.tear()
                    return
        except (HungUp, TooLong):
            self.report.ended_by = "caller"
            stop = {"accountSid": self._account, "callSid": self._call}
            await socket.send(self._message("stop", "stop", stop))
            raise
        finally:
            reader.cancel()
        if reader.done() and not reader.cancelled() and reader.exception() is not None:
            reader.result()  # a fault of the phone must not look like the hotline's close

    async def _tick(self, socket: Socket) -> None:
        tick = await self._leg.tick(OPEN)
        for name in tick.marks:
            await self._return_mark(socket, name, self.report.marks_played)
        if tick.doing.digit:
            key = {"track": "inbound_track", "digit": tick.doing.digit}
            await socket.send(self._message("dtmf", "dtmf", key))
        await self._send_media(socket, self._media(tick.doing.frame))

    async def _send_media(self, socket: Socket, text: str) -> None:
        if self._faults.swap_media and self._chunk % 5 == 0 and self._delayed is None:
            self._delayed = text
            return
        await socket.send(text)
        if self._faults.double_media:
            await socket.send(text)
        if self._delayed is not None:
            delayed, self._delayed = self._delayed, None
            await socket.send(delayed)

    async def _read(self, socket: Socket) -> None:
        try:
            async for text in socket.texts():
                await self._obey(socket, json.loads(text))
        finally:
            self._closed.set()

    async def _obey(self, socket: Socket, message: Mapping[str, Any]) -> None:
        if message.get("streamSid") != self._stream:
            return  # Twilio ignores messages that name another stream (31941)
        match message.get("event"):
            case "media":
                audio = base64.b64decode(message["media"]["payload"])
                self.report.received_bytes += len(audio)
                self._leg.received(audio)
            case "mark":
                name = message["mark"]["name"]
                if self._leg.playout.empty:
                    await self._return_mark(socket, name, self.report.marks_played)
                else:
                    self._leg.playout.mark(name)
            case "clear":
                self.report.clears += 1
                for name in self._leg.playout.clear():
                    await self._return_mark(socket, name, self.report.marks_flushed)
            case _:
                pass

    async def _return_mark(self, socket: Socket, name: str, kept: list[str]) -> None:
        kept.append(name)
        await socket.send(self._message("mark", "mark", {"name": name}))

    def _start(self) -> dict[str, Any]:
        return {
            "accountSid": self._account,
            "streamSid": self._stream,
            "callSid": self._call,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": self._parameters,
        }

    def _media(self, frame: bytes) -> str:
        self._chunk += 1
        body = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str((self._chunk - 1) * 20),
            "payload": base64.b64encode(frame).decode("ascii"),
        }
        return self._message("media", "media", body)

    def _message(self, event: str, key: str, body: Mapping[str, Any]) -> str:
        self._sequence += 1
        number = str(self._sequence)
        return json.dumps(
            {"event": event, "sequenceNumber": number, "streamSid": self._stream, key: dict(body)}
        )
