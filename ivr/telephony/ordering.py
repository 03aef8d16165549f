"""Put stream messages back into the order the carrier numbered them in. Pure.

A WebSocket keeps order, but carriers that relay RTP do not promise it (Telnyx says so), and a
proxy may repeat. Numbers are trusted only as far as they behave: a carrier that counts oddly must
cost a few milliseconds, never the caller's voice.
"""

from collections import deque
from typing import Final

from ivr.telephony.media_codec import DigitArrived, MarkArrived, MediaArrived

Numbered = MediaArrived | DigitArrived | MarkArrived

HOLD: Final = 5
"""Messages kept back while an earlier number is missing: 100 ms of audio."""
REMEMBER: Final = 32
"""Messages in which an exact repeat is recognised."""


class Sequencer:
    """Takes messages as they come, gives them back in order and once."""

    def __init__(self, first: int | None) -> None:
        """`first`: the number of the first message to expect, None where the carrier has none."""
        self._next = first
        self._held: dict[int, Numbered] = {}
        self._seen: deque[Numbered] = deque(maxlen=REMEMBER)
        self.repeated = 0
        self.late = 0

    def take(self, message: Numbered) -> list[Numbered]:
        """Return the messages that are due now, in order."""
        number = message.sequence
        if number is None or self._next is None:
            return [message]
        if message in self._seen:
            self.repeated += 1
            return []
        self._seen.append(message)
        if number < self._next:
            return self._behind(message)
        self._held[number] = message
        due = self._run()
        return due or (self.flush() if len(self._held) > HOLD else [])

    def flush(self) -> list[Numbered]:
        """Return all that is held: the missing ones are given up."""
        held = [self._held[number] for number in sorted(self._held)]
        if self._held:
            self._next = max(self._held) + 1
        self._held.clear()
        return held

    def _run(self) -> list[Numbered]:
        due: list[Numbered] = []
        while self._next is not None and self._next in self._held:
            due.append(self._held.pop(self._next))
            self._next += 1
        return due

    def _behind(self, message: Numbered) -> list[Numbered]:
        """Keys and marks are never too late; sound that came too late is dropped."""
        if not isinstance(message, MediaArrived):
            return [message]
        if any(
            isinstance(seen, MediaArrived) and seen.timestamp_ms > message.timestamp_ms
            for seen in self._seen
        ):
            self.late += 1
            return []
        # A number that does not grow while the time does: this carrier's numbers mean nothing.
        self._next = None
        return [*self.flush(), message]
