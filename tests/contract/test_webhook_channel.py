"""The signed webhook against a real local server that behaves well and badly."""

import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from ivr.incident.delivery import DeliveryState
from ivr.incident.model import IncidentId
from ivr.notify.channel import Message
from ivr.notify.webhook import Webhook
from tests.fakes.alerting import NOON

pytestmark = pytest.mark.contract
SECRET = "only-the-two-of-us"
MESSAGE = Message(
    "261123-001/first:first/wang/card/1",
    IncidentId("261123-001"),
    "alert",
    "security",
    "Wang",
    "guard",
    1,
    "【火警特急】3栋。#261123-001",
    "card",
    {"id": "261123-001"},
)


@dataclass
class Receiver:
    url: str = ""
    status: int = 200
    stall_s: float = 0.0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            released.wait(told.stall_s)
            self.send_response(told.status)
            if 300 <= told.status < 400:
                self.send_header("Location", told.url + "elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    released = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield told
    released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_receiver_can_check_that_it_was_us_and_when(receiver: Receiver) -> None:
    delivery = Webhook(receiver.url, SECRET).send(MESSAGE, NOON)
    assert delivery.state is DeliveryState.ACCEPTED
    _, headers, body = receiver.got[0]
    stamp = headers["x-ivr-timestamp"]
    signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-ivr-signature"] == f"sha256={signed}"
    assert int(stamp) == int(NOON.timestamp())
    assert headers["idempotency-key"] == MESSAGE.key
    sent = json.loads(body)
    assert (sent["text"], sent["incident"]) == (MESSAGE.short, {"id": "261123-001"})


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (204, DeliveryState.ACCEPTED),
        (429, DeliveryState.FAILED_TEMP),
        (500, DeliveryState.FAILED_TEMP),
        (401, DeliveryState.FAILED_PERM),
        (404, DeliveryState.FAILED_PERM),
    ],
)
def test_each_answer_means_what_it_says(
    receiver: Receiver, status: int, state: DeliveryState
) -> None:
    receiver.status = status
    assert Webhook(receiver.url, SECRET).send(MESSAGE, NOON).state is state


def test_a_redirect_carries_the_incident_nowhere(receiver: Receiver) -> None:
    receiver.status = 307
    delivery = Webhook(receiver.url, SECRET).send(MESSAGE, NOON)
    assert delivery.state is DeliveryState.FAILED_PERM
    assert [path for path, _, _ in receiver.got] == ["/"]


def test_a_silent_server_is_left_after_the_time_out(receiver: Receiver) -> None:
    receiver.stall_s = 30
    began = time.monotonic()
    delivery = Webhook(receiver.url, SECRET, timeout_s=0.2).send(MESSAGE, NOON)
    assert delivery.state is DeliveryState.FAILED_TEMP
    assert time.monotonic() - began < 5


def test_an_error_gives_away_neither_url_nor_secret() -> None:
    for url in ("http://127.0.0.1:1/hook?key=hidden", "http://[bad/hidden", "nonsense hidden"):
        delivery = Webhook(url, SECRET, timeout_s=0.5).send(MESSAGE, NOON)
        assert delivery.state.failed
        assert "hidden" not in str(delivery)
        assert SECRET not in str(delivery)


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        Webhook("http://127.0.0.1/", "")
