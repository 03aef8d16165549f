"""The one queue before the recogniser: finished turns first, work ahead only where there is room.

Decoding takes half a second of both cores. With four people speaking, what was begun as a guess
must never stand before a turn that somebody waits for. So: finals before guesses before parts,
guesses and parts are refused while others wait, and a guess that becomes the final moves up.
"""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Generic, TypeVar

from ivr.speech.recognizer import RecognitionUnavailable

T = TypeVar("T")

WAITING_FINALS: Final = 32
"""More finished turns than this and the machine is hopelessly behind: say so, hand callers over."""


class Urgency(IntEnum):
    """Why something is decoded; lower is sooner."""

    FINAL = 0
    """The turn is over, the caller waits for the reply."""
    GUESS = 1
    """The caller paused; probably this is the end."""
    PART = 2
    """The caller goes on; perhaps a red flag is in it already."""


@dataclass(eq=False, slots=True)
class Job(Generic[T]):
    """One decode; `future` gets its result."""

    work: Callable[[], T]
    urgency: Urgency
    number: int
    future: "Future[T]" = field(default_factory=Future)


class DecodeQueue(Generic[T]):
    """Runs jobs on `workers` threads of its own, the most urgent first."""

    def __init__(self, workers: int) -> None:
        self._waiting: list[Job[T]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"decode-{index}", daemon=True)
            for index in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[], T], urgency: Urgency) -> Job[T] | None:
        """Return the queued job, or None where there is no room for work ahead.

        Raises:
            RecognitionUnavailable: closed, or `WAITING_FINALS` finished turns wait already.
        """
        with self._changed:
            if self._closed:
                message = "the recogniser is shut down"
                raise RecognitionUnavailable(message)
            if urgency is not Urgency.FINAL and len(self._waiting) >= len(self._threads):
                return None
            if len(self._waiting) >= WAITING_FINALS:
                message = f"{WAITING_FINALS} finished turns wait for the recogniser"
                raise RecognitionUnavailable(message)
            job = Job(work, urgency, next(self._numbers))
            self._waiting.append(job)
            self._changed.notify()
            return job

    def promote(self, job: Job[T]) -> None:
        """Make a guess the final it turned out to be."""
        with self._changed:
            job.urgency = Urgency.FINAL

    def withdraw(self, job: Job[T]) -> None:
        """Drop `job` where it has not begun; else its result is simply not used."""
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
                job.future.cancel()

    @property
    def waiting(self) -> int:
        """How many jobs have not begun."""
        with self._changed:
            return len(self._waiting)

    def close(self) -> None:
        """End the threads; who still waits gets `RecognitionUnavailable`."""
        with self._changed:
            self._closed = True
            left, self._waiting = self._waiting, []
            self._changed.notify_all()
        for job in left:
            job.future.set_exception(RecognitionUnavailable("the recogniser is shut down"))
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                job.future.set_result(job.work())
            except Exception as error:  # noqa: BLE001 - the boundary of this thread: the waiting call's
                job.future.set_exception(
                    error
                )  # `Listening` reports it and the call goes to a person

    def _next(self) -> Job[T] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._waiting:
                return None
            job = min(self._waiting, key=lambda waiting: (waiting.urgency, waiting.number))
            self._waiting.remove(job)
            return job
