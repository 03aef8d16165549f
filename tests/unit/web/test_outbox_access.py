"""The outbox page is for the machine itself; a proxy on it does not make the world local."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.incident.model import CallId
from ivr.store.store import Store
from ivr.web.outbox import on_this_machine, outbox
from tests.fakes.alerting import WoundClock, report, shipped_paper
from tests.fakes.databases import fresh_store

pytestmark = pytest.mark.unit
CLOCK = WoundClock()
BEARER = {"Authorization": "Bearer sesame"}
Pages = Callable[[str | None], FlaskClient]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("sqlite", tmp_path) as fresh:
        yield fresh


@pytest.fixture
def pages(store: Store) -> Pages:
    def made(token: str | None) -> FlaskClient:
        app = Flask(__name__)
        here = outbox(store, shipped_paper(), CLOCK.now, lambda: on_this_machine(token))
        app.register_blueprint(here)
        return app.test_client()

    return made


def statuses(
    client: FlaskClient, store: Store, headers: dict[str, str], remote: str = "127.0.0.1"
) -> tuple[int, int]:
    """Of the page and of its button, which must not have worked where it is refused."""
    incident = store.incidents.open(CallId(f"CA{CLOCK.wind(1)}"), report(), CLOCK.now())
    of = {"REMOTE_ADDR": remote}
    page = client.get("/outbox", headers=headers, environ_overrides=of)
    form, path = {"by": "Wang"}, f"/outbox/{incident}/ack"
    button = client.post(path, data=form, headers=headers, environ_overrides=of)
    found = store.incidents.get(incident)
    assert found is not None
    assert (found.acknowledged is not None) == (button.status_code == 303)
    return page.status_code, button.status_code


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1"])
def test_in_try_mode_the_machine_itself_sees_the_page(
    pages: Pages, store: Store, remote: str
) -> None:
    assert statuses(pages(None), store, {}, remote) == (200, 303)


@pytest.mark.parametrize("token", [None, "sesame"])
@pytest.mark.parametrize(
    "header",
    ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-proto", "X-Real-IP", "Via"],
)
def test_what_a_proxy_forwards_is_refused(
    pages: Pages, store: Store, header: str, token: str | None
) -> None:
    headers = {header: "127.0.0.1", "Host": "localhost", **BEARER}
    assert statuses(pages(token), store, headers) == (403, 403)


@pytest.mark.parametrize("token", [None, "sesame"])
@pytest.mark.parametrize("remote", ["192.168.1.7", "203.0.113.9", "::", ""])
def test_another_machine_is_refused_whatever_host_it_names(
    pages: Pages, store: Store, remote: str, token: str | None
) -> None:
    headers = {"Host": "127.0.0.1", **BEARER}
    assert statuses(pages(token), store, headers, remote) == (403, 403)


def test_production_demands_the_token_too(pages: Pages, store: Store) -> None:
    assert statuses(pages("sesame"), store, BEARER) == (200, 303)
    for wrong in ({}, {"Authorization": "Bearer x"}, {"Host": "localhost"}):
        assert statuses(pages("sesame"), store, wrong) == (403, 403)


def test_an_empty_token_opens_nothing(pages: Pages, store: Store) -> None:
    assert statuses(pages(""), store, {"Authorization": "Bearer "}) == (403, 403)
