"""The carrier's play-out buffer: audio in order, marks between, flushed by `clear`. Pure."""

from collections import deque
from typing import Final

FRAME: Final = 160
"""Bytes of 20 ms."""


class Playout:
    """What is still to be played to the caller."""

    def __init__(self) -> None:
        self._items: deque[bytes | str] = deque()
        """Audio, or the name of a mark."""

    @property
    def queued_s(self) -> float:
        return sum(len(item) for item in self._items if isinstance(item, bytes)) / 8000

    @property
    def empty(self) -> bool:
        return not self._items

    @property
    def nearly_empty(self) -> bool:
        """Below 0.1 s: a hotline that sends without pause is quiet too when it sends silence."""
        return self.queued_s < 0.1

    def add(self, audio: bytes) -> None:
        if audio:
            self._items.append(audio)

    def mark(self, name: str) -> None:
        self._items.append(name)

    def pull(self, size: int = FRAME) -> tuple[bytes, list[str]]:
        """Return the next `size` bytes (fewer at the end) and the marks that are passed.

        A mark is passed when the last byte before it has been taken.
        """
        audio, marks = b"", []
        while self._items:
            item = self._items[0]
            if isinstance(item, str):
                marks.append(item)
                self._items.popleft()
            elif len(audio) == size:
                break
            else:
                part = item[: size - len(audio)]
                audio += part
                if len(part) < len(item):
                    self._items[0] = item[len(part) :]
                else:
                    self._items.popleft()
        return audio, marks

    def clear(self) -> list[str]:
        """Drop everything and return the outstanding marks, in order."""
        marks = [item for item in self._items if isinstance(item, str)]
        self._items.clear()
        return marks
