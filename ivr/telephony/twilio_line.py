"""`Line` over one Twilio media-stream socket, on the event loop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from ivr.call.line import AudioReceived, KeyReceived, LineEnded, LineInput, MarkReturned
from ivr.telephony import media_codec as codec
from ivr.telephony.ordering import Numbered, Sequencer

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

BYTES_PER_S: Final = 8000
SILENCE_LIMIT_S: Final = 10.0
"""No message for so long on a stream that sends 50 a second: the carrier is gone (31901)."""
BAD_LIMIT: Final = 200
"""Unreadable messages in a row (4 s of them) after which the stream is given up."""


@dataclass(frozen=True, slots=True)
class Playout:
    """What became of the audio handed to the carrier; all in seconds of this stream."""

    sent_s: float
    """Sent since the stream began, without what was flushed."""
    played_s: float
    """Known to have been played, from the marks that came back without a flush."""

    @property
    def queued_s(self) -> float:
        """At most this much is still to be played."""
        return self.sent_s - self.played_s


class TwilioLine:
    """One call's socket after `start`. Nothing here raises once the line has ended."""

    def __init__(
        self,
        started: codec.StreamStarted,
        receive: Receive,
        send: Send,
        silence_limit_s: float = SILENCE_LIMIT_S,
    ) -> None:
        self._stream = started.stream
        self._receive = receive
        self._send = send
        self._silence_limit_s = silence_limit_s
        first = None if started.sequence is None else started.sequence + 1
        self._order = Sequencer(first)
        self._closed = False
        """The socket carries nothing any more."""
        self._given_back = False
        """We closed it ourselves."""
        self._sent = 0
        self._played = 0
        self._marks: list[tuple[str, int]] = []
        self._flushed: list[str] = []
        self._bad = 0

    @property
    def playout(self) -> Playout:
        return Playout(self._sent / BYTES_PER_S, self._played / BYTES_PER_S)

    async def inputs(self) -> AsyncIterator[LineInput]:
        """Yield what the carrier sends; ends after exactly one `LineEnded`."""
        while True:
            text = await self._next_text()
            ended = text if isinstance(text, LineEnded) else None
            for heard in self._order.flush() if ended else self._read(text):
                if isinstance(heard, LineEnded):
                    ended = heard
                else:
                    yield self._input(heard)
            if ended is not None:
                await self.close()
                yield ended
                return

    def _read(self, text: str | bytes | LineEnded) -> list[Numbered | LineEnded]:
        """Return what one message brings, in the carrier's order."""
        message = text if isinstance(text, LineEnded) else codec.decode(text)
        match message:
            case codec.MediaArrived() | codec.DigitArrived() | codec.MarkArrived():
                self._bad = 0
                due = self._order.take(message)
                return [one for one in due if not _is_our_own(one)]
            case codec.StreamStopped():
                return [*self._order.flush(), LineEnded(clean=True)]
            case codec.Unreadable(why=why):
                return [LineEnded(clean=False)] if self._too_many_bad(why) else []
            case codec.Connected() | codec.StreamStarted():
                return []  # repeated: the stream has begun already
            case LineEnded():
                return [message]

    async def play(self, audio: bytes) -> None:
        """Queue mu-law 8 kHz audio at the carrier; it paces, we need not."""
        for text in codec.media(self._stream, audio):
            await self._write(text)
        self._sent += len(audio)

    async def mark(self, name: str) -> None:
        self._marks.append((name, self._sent))
        await self._write(codec.mark(self._stream, name))

    async def clear(self) -> None:
        """Flush; the outstanding marks come back from the carrier without having been played."""
        self._flushed.extend(name for name, _ in self._marks)
        self._marks.clear()
        self._sent = self._played
        await self._write(codec.clear(self._stream))

    async def close(self) -> None:
        """Close the socket: Twilio goes on with the verb behind `<Connect>`."""
        if self._closed:
            return
        self._closed = self._given_back = True
        try:
            await self._send({"type": "websocket.close", "code": 1000})
        except (OSError, RuntimeError):
            log.info("the stream was gone before it was closed")

    async def _next_text(self) -> str | bytes | LineEnded:
        try:
            async with asyncio.timeout(self._silence_limit_s):
                message = await self._receive()
        except TimeoutError:
            log.warning(
                "the carrier sent nothing for %.0f s: stream given up", self._silence_limit_s
            )
            await self.close()
            return LineEnded(clean=False)
        if message["type"] != "websocket.receive":
            # After our own close this is the answer to it; before it, no `stop` was sent.
            clean, self._closed = self._given_back, True
            return LineEnded(clean=clean)
        return message.get("text") or message.get("bytes") or b""

    def _input(self, message: Numbered) -> LineInput:
        match message:
            case codec.MediaArrived(audio=audio, timestamp_ms=timestamp):
                return AudioReceived(audio, timestamp)
            case codec.DigitArrived(digit=digit):
                return KeyReceived(digit)
            case codec.MarkArrived(name=name):
                self._returned(name)
                return MarkReturned(name)

    def _returned(self, name: str) -> None:
        """Keep the played position: a mark that was flushed says nothing about playing."""
        if name in self._flushed:
            self._flushed.remove(name)
            return
        for at, (marked, position) in enumerate(self._marks):
            if marked == name:
                self._played = max(self._played, position)
                del self._marks[: at + 1]
                return

    def _too_many_bad(self, why: str) -> bool:
        self._bad += 1
        if self._bad == 1:
            log.warning("unreadable stream message: %s", why)
        return self._bad >= BAD_LIMIT

    async def _write(self, text: str) -> None:
        if self._closed:
            return
        try:
            await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError):
            # The socket went down under us; `inputs` says so to whoever reads it.
            self._closed = True


def _is_our_own(message: Numbered) -> bool:
    """Return whether it is the hotline's own voice (a carrier that sends both tracks)."""
    return isinstance(message, codec.MediaArrived) and message.track == "outbound"
