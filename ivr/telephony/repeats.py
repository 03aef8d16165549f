"""One answer per webhook, however often the carrier sends it (`I-Twilio-Idempotency-Token`).

Twilio repeats a request it got no answer to with the same token, also while the first one is still
being worked on. The switchboard is idempotent by itself; this spares it the race and covers the
webhooks whose repeat cannot be told by their content (a transfer that ended the same way twice).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

KEEP: Final = 2048
"""Answers kept, of a few hundred bytes each."""
WAIT_S: Final = 12.0
"""The carrier gives up after 15 s."""

Key = tuple[str, ...]


class Repeats:
    """Answers by request key; used from many threads."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, Future[bytes]] = OrderedDict()

    def answer(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """Return the answer to `key`, made once. A failed making is not kept.

        Raises:
            TimeoutError: the first request with this key has not ended in time.
        """
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                mine: Future[bytes] = Future()
                self._answers[key] = mine
                while len(self._answers) > self._keep:
                    self._answers.popitem(last=False)
        if known is not None:
            return known.result(WAIT_S)
        try:
            made = make()
        except BaseException as error:
            mine.set_exception(error)
            with self._lock:
                self._answers.pop(key, None)
            raise
        mine.set_result(made)
        return made
