"""The decode queue: whom it serves first, and what it refuses."""

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from ivr.speech.decoding import WAITING_FINALS, DecodeQueue, Urgency
from ivr.speech.recognizer import RecognitionUnavailable

pytestmark = pytest.mark.unit


class Busy:
    """A queue whose one worker is held up until the test lets go."""

    def __init__(self) -> None:
        self.queue: DecodeQueue[str] = DecodeQueue(1)
        self.done: list[str] = []
        self._free = threading.Event()
        started = threading.Event()

        def hold() -> str:
            started.set()
            assert self._free.wait(10)
            return "held"

        self.queue.submit(hold, Urgency.FINAL)
        assert started.wait(10)

    def work(self, name: str) -> "Work":
        return Work(name, self.done)

    def let_go(self) -> None:
        self._free.set()


class Work:
    def __init__(self, name: str, done: list[str]) -> None:
        self.name, self.done = name, done

    def __call__(self) -> str:
        self.done.append(self.name)
        return self.name


@pytest.fixture
def busy() -> Iterator[Busy]:
    busy = Busy()
    yield busy
    busy.let_go()
    busy.queue.close()


def test_a_finished_turn_is_decoded_before_a_guess_that_came_first(busy: Busy) -> None:
    guess = busy.queue.submit(busy.work("guess"), Urgency.GUESS)
    final = busy.queue.submit(busy.work("final"), Urgency.FINAL)
    busy.let_go()
    assert guess is not None
    assert final is not None
    assert guess.future.result(10) == "guess"
    assert busy.done == ["final", "guess"]


def test_a_guess_that_was_right_moves_before_later_finals(busy: Busy) -> None:
    guess = busy.queue.submit(busy.work("guess"), Urgency.GUESS)
    final = busy.queue.submit(busy.work("final"), Urgency.FINAL)
    assert guess is not None
    assert final is not None
    busy.queue.promote(guess)
    busy.let_go()
    final.future.result(10)
    assert busy.done == ["guess", "final"]


def test_work_ahead_is_refused_while_others_wait(busy: Busy) -> None:
    assert busy.queue.submit(busy.work("first"), Urgency.FINAL) is not None
    assert busy.queue.submit(busy.work("guess"), Urgency.GUESS) is None
    assert busy.queue.submit(busy.work("part"), Urgency.PART) is None
    assert busy.queue.waiting == 1


def test_a_withdrawn_guess_is_never_decoded(busy: Busy) -> None:
    guess = busy.queue.submit(busy.work("guess"), Urgency.GUESS)
    assert guess is not None
    busy.queue.withdraw(guess)
    last = busy.queue.submit(busy.work("final"), Urgency.FINAL)
    busy.let_go()
    assert last is not None
    last.future.result(10)
    assert busy.done == ["final"]
    with pytest.raises(CancelledError):
        guess.future.result(0)


def test_too_many_finished_turns_are_refused_aloud(busy: Busy) -> None:
    for number in range(WAITING_FINALS):
        busy.queue.submit(busy.work(str(number)), Urgency.FINAL)
    with pytest.raises(RecognitionUnavailable, match="finished turns wait"):
        busy.queue.submit(busy.work("one too many"), Urgency.FINAL)
    busy.let_go()


def test_a_failing_decode_reaches_its_caller_and_the_next_is_served() -> None:
    queue: DecodeQueue[int] = DecodeQueue(1)
    failed = queue.submit(lambda: 1 // 0, Urgency.FINAL)
    served = queue.submit(lambda: 7, Urgency.FINAL)
    assert failed is not None
    assert served is not None
    with pytest.raises(ZeroDivisionError):
        failed.future.result(10)
    assert served.future.result(10) == 7
    queue.close()


def test_who_waits_when_the_queue_closes_is_told(busy: Busy) -> None:
    waiting = busy.queue.submit(busy.work("late"), Urgency.FINAL)
    assert waiting is not None
    closing = threading.Thread(target=busy.queue.close)
    closing.start()
    with pytest.raises(RecognitionUnavailable, match="shut down"):
        waiting.future.result(10)
    busy.let_go()
    closing.join(10)
    with pytest.raises(RecognitionUnavailable, match="shut down"):
        busy.queue.submit(busy.work("after"), Urgency.FINAL)
