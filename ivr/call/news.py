"""Brings news of incidents to the calls that wait for it: accepted, acknowledged.

One path, whichever process the acknowledgement came in by: the incident log is read a few times
a second and new entries are told to the live calls.
"""

import asyncio
import logging
from datetime import datetime

from ivr.call.desk import Desk
from ivr.dialog import events as ev
from ivr.incident.model import CallId
from ivr.store import timeline
from ivr.store.database import StoreUnavailable
from ivr.store.store import Store
from ivr.store.timeline import News

log = logging.getLogger(__name__)

EVERY_S = 0.25
TELL_TRIES = 4
"""One second of tries for an entry that breaks the telling."""


class NewsDesk:
    """Watches the incident log on behalf of one process's calls."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store, self._desk = store, desk
        self._last = store.incidents.last_news()
        self._failed = 0

    async def watch(self) -> None:
        """Read on until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await asyncio.to_thread(self.read)
            except StoreUnavailable:
                log.warning("incident log not readable; trying again")
            except Exception as error:  # noqa: BLE001 - boundary of the watch: calls wait for news
                # Its text may hold what a caller said: the type is enough.
                log.error("news not told; trying again: %s", type(error).__name__)  # noqa: TRY400

    def read(self) -> None:
        """Tell the calls what is new since the last time; what was not told is told again.

        An entry that cannot be told at all does not hold back the others for ever.
        """
        for news in self._store.incidents.news(self._last):
            self._failed += 1
            if self._failed <= TELL_TRIES:
                event = as_event(news)
                if event is not None:
                    calls = tuple(CallId(call) for call in news.calls)
                    self._desk.tell(event, calls)
            self._last, self._failed = news.id, 0


def as_event(news: News) -> ev.Event | None:
    """What a caller may be told of it, None for what is not theirs to hear."""
    at: datetime = news.at
    match news.kind:
        case timeline.ALERT_ACCEPTED:
            return ev.AlertAccepted(at)
        case timeline.ACKNOWLEDGED:
            return ev.IncidentAcknowledged(at, str(news.payload.get("by", "")))
        case _:
            return None
