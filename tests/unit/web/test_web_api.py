"""The API, the outbox page and the health pages over a real store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from ivr.incident.model import CallId, Disposition
from ivr.notify.desk import DeskPhones
from ivr.notify.worker import Worker
from ivr.store.store import Store
from ivr.web.api import api
from ivr.web.health import health
from ivr.web.outbox import outbox
from tests.fakes.alerting import WoundClock, report, shipped_paper, small_roster
from tests.fakes.databases import fresh_store

pytestmark = pytest.mark.unit
BEARER = {"Authorization": "Bearer sesame"}
CLOCK = WoundClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("sqlite", tmp_path) as fresh:
        yield fresh


@pytest.fixture
def client(store: Store) -> FlaskClient:
    app, paper = Flask(__name__), shipped_paper()
    app.register_blueprint(api(store, "sesame", paper, CLOCK.now))
    app.register_blueprint(outbox(store, paper, CLOCK.now, lambda: True))
    app.register_blueprint(health(store, CLOCK.now, gauges=lambda: {"ivr_x": 1}))
    return app.test_client()


def incidents(store: Store, number: int) -> list[str]:
    return [store.incidents.open(CallId(f"CA{n}"), report(), CLOCK.wind(1)) for n in range(number)]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "ä"}])
@pytest.mark.parametrize(
    "path", ["/api/v1/incidents", "/api/v1/incidents/x", "/api/v1/calls", "/api/v1/calls/x"]
)
def test_without_the_token_nothing_is_told(
    client: FlaskClient, path: str, header: dict[str, str]
) -> None:
    answer = client.get(path, headers=header)
    assert (answer.status_code, answer.mimetype) == (401, "text/plain")


def test_an_empty_token_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="token"):
        api(store, "", shipped_paper(), CLOCK.now)


def test_every_incident_listed_fits_the_schema_that_anybody_may_read(
    client: FlaskClient, store: Store
) -> None:
    ids = incidents(store, 3)
    store.incidents.acknowledge(ids[0], "Wang", CLOCK.now())  # type: ignore[arg-type]
    store.escalations.advance(small_roster(), CLOCK.now())
    schema = client.get("/api/v1/schema/incident.json").json
    body = client.get("/api/v1/incidents", headers=BEARER).json
    assert schema is not None
    assert body is not None
    assert [one["id"] for one in body["incidents"]] == ids[::-1]
    assert body["next"] is None
    for one in body["incidents"]:
        Draft202012Validator(schema).validate(one)
        assert client.get(f"/api/v1/incidents/{one['id']}", headers=BEARER).json == one
        assert one["alerts"]


def test_the_cursor_leads_through_all_incidents(client: FlaskClient, store: Store) -> None:
    ids, seen, following = incidents(store, 5), [], ""
    while following is not None:
        path = (
            f"/api/v1/incidents?limit=2&before={following}"
            if following
            else "/api/v1/incidents?limit=2"
        )
        body = client.get(path, headers=BEARER).json
        assert body is not None
        seen += [one["id"] for one in body["incidents"]]
        following = body["next"]
    assert seen == ids[::-1]


def test_the_second_to_acknowledge_hears_who_has_it(client: FlaskClient, store: Store) -> None:
    (incident,) = incidents(store, 1)
    path = f"/api/v1/incidents/{incident}/ack"
    first = client.post(path, headers=BEARER, json={"by": "Wang"})
    second = client.post(path, headers=BEARER, json={"by": "Li"})
    assert (first.status_code, second.status_code) == (200, 409)
    assert (first.json or {})["won"] is True
    assert (second.json or {})["by"] == "Wang"


@pytest.mark.parametrize(
    "body", [b"", b"[", b"{}", b'{"by": ""}', b'{"by": 3}', b'{"by":"x","y":1}']
)
def test_a_malformed_acknowledgement_is_a_clear_400(
    client: FlaskClient, store: Store, body: bytes
) -> None:
    (incident,) = incidents(store, 1)
    answer = client.post(f"/api/v1/incidents/{incident}/ack", headers=BEARER, data=body)
    assert answer.status_code == 400
    assert "by" in (answer.json or {})["error"]


def test_unknown_ids_are_404(client: FlaskClient) -> None:
    assert client.get("/api/v1/incidents/nope", headers=BEARER).status_code == 404
    assert client.get("/api/v1/calls/nope", headers=BEARER).status_code == 404
    ack = client.post("/api/v1/incidents/nope/ack", headers=BEARER, json={"by": "W"})
    assert ack.status_code == 404


def test_a_call_tells_its_end_and_its_incident(client: FlaskClient, store: Store) -> None:
    (incident,) = incidents(store, 1)
    store.calls.end(CallId("CA0"), Disposition.RELEASED, CLOCK.now())
    body = client.get("/api/v1/calls/CA0", headers=BEARER).json
    assert body is not None
    assert (body["incident"], body["disposition"]) == (incident, "released")
    listed = client.get("/api/v1/calls", headers=BEARER).json
    assert listed == {"calls": [body], "next": None}


def test_the_outbox_page_shows_alerts_and_phones_without_script_or_full_numbers(
    client: FlaskClient, store: Store
) -> None:
    (incident,) = incidents(store, 1)
    phones = {name: DeskPhones(store, name) for name in ("card", "ring")}
    Worker(store, phones, small_roster, shipped_paper(), CLOCK).run_once(CLOCK.now())
    page = client.get("/outbox")
    assert "script" not in page.text
    assert "style=" not in page.text
    assert "13800138000" not in page.text
    assert incident in page.text
    assert "delivered" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    with client.get("/outbox/static/outbox.css") as sheet:
        assert sheet.status_code == 200


def test_a_caller_cannot_put_markup_on_the_page(client: FlaskClient, store: Store) -> None:
    evil = report(facts={}, unknown=("<script>alert(1)</script>",))
    store.incidents.open(CallId("CA1"), evil, CLOCK.now())
    assert "<script>" not in client.get("/outbox").text


def test_the_button_takes_the_incident_but_not_from_another_site(
    client: FlaskClient, store: Store
) -> None:
    (incident,) = incidents(store, 1)
    path = f"/outbox/{incident}/ack"
    foreign = client.post(path, data={"by": "Eve"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert client.post(path, data={"by": " "}).status_code == 400
    assert client.post(path, data={"by": "Wang"}).status_code == 303
    assert "✓ Wang" in client.get("/outbox").text


def test_readiness_sees_a_worker_that_never_ran_died_or_sends_nothing(
    client: FlaskClient, store: Store
) -> None:
    assert client.get("/healthz").status_code == 200
    assert "worker" in (client.get("/readyz").json or {})["troubles"]
    store.heartbeats.beat("worker", CLOCK.now())
    assert client.get("/readyz").status_code == 200
    CLOCK.wind(11)
    assert "no sign" in (client.get("/readyz").json or {})["troubles"]["worker"]
    incidents(store, 1)
    CLOCK.wind(21)
    assert "alerts" in (client.get("/readyz").json or {})["troubles"]


def test_the_metrics_tell_the_age_of_what_waits(client: FlaskClient, store: Store) -> None:
    incidents(store, 1)
    CLOCK.wind(5)
    text = client.get("/metrics").text
    assert "ivr_alert_pending_age_seconds 5\n" in text
    assert "ivr_calls_live 1\n" in text
    assert "ivr_x 1\n" in text
