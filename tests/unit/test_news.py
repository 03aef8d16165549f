"""News that could not be told is told again, and never ends the watching."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from ivr.call.desk import Desk
from ivr.call.news import TELL_TRIES, NewsDesk
from ivr.dialog import events as ev
from ivr.incident.model import CallId
from ivr.store.store import Store
from tests.fakes.alerting import WoundClock, report
from tests.fakes.databases import fresh_store

pytestmark = pytest.mark.unit
CLOCK = WoundClock()


class StumblingDesk:
    """Stands where the calls are; breaks the first `times` tellings."""

    def __init__(self, times: int) -> None:
        self.times, self.told = times, list[str]()

    def tell(self, event: ev.Event, calls: tuple[CallId, ...]) -> None:
        if self.times:
            self.times -= 1
            raise RuntimeError("words of a caller")
        assert calls
        self.told.append(cast("ev.IncidentAcknowledged", event).by)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("sqlite", tmp_path) as fresh:
        yield fresh


def taken(store: Store, by: str) -> None:
    incident = store.incidents.open(CallId(f"CA{by}"), report(), CLOCK.wind(1))
    store.incidents.acknowledge(incident, by, CLOCK.wind(1))


def news_desk(store: Store, desk: StumblingDesk) -> NewsDesk:
    return NewsDesk(store, cast("Desk", desk))


def test_what_was_not_told_is_told_the_next_time(store: Store) -> None:
    desk = StumblingDesk(1)
    news = news_desk(store, desk)
    taken(store, "Wang")
    with pytest.raises(RuntimeError):
        news.read()
    news.read()
    news.read()
    assert desk.told == ["Wang"]


def test_one_entry_that_cannot_be_told_does_not_hold_back_the_others(store: Store) -> None:
    desk = StumblingDesk(TELL_TRIES)
    news = news_desk(store, desk)
    taken(store, "Wang")
    taken(store, "Li")
    for _try in range(TELL_TRIES):
        with pytest.raises(RuntimeError):
            news.read()
    news.read()
    assert desk.told == ["Li"]


def test_the_watching_goes_on_and_logs_no_words(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    desk = StumblingDesk(1)
    news = news_desk(store, desk)
    taken(store, "Wang")

    async def watched() -> None:
        watching = asyncio.create_task(news.watch())
        async with asyncio.timeout(10):
            while not desk.told:
                assert not watching.done()
                await asyncio.sleep(0.02)
        watching.cancel()

    with caplog.at_level(logging.ERROR, "ivr.call.news"):
        asyncio.run(watched())
    assert desk.told == ["Wang"]
    assert "RuntimeError" in caplog.text
    assert "words of a caller" not in caplog.text
