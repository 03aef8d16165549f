"""A signed webhook: the incident as JSON to a system of the operator's."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

import httpx

from ivr.notify.channel import Delivery, DeliveryState, Later, Message

TIMEOUT_S = 4.0
"""Connect, write and read each; shorter than the worker's lease by far."""
TIMESTAMP, SIGNATURE, KEY = "X-Ivr-Timestamp", "X-Ivr-Signature", "Idempotency-Key"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return `sha256=<hex>` over `<timestamp>.<body>`; the receiver computes the same.

    The timestamp is signed too, so that a recorded request cannot be played again later.
    """
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Webhook:
    """POSTs each message to one URL. 2xx is "accepted", never more: a machine took it."""

    def __init__(self, url: str, secret: str, timeout_s: float = TIMEOUT_S) -> None:
        """`secret` signs the body; it and the URL never leave this object in an error."""
        if not secret:
            raise ValueError("a webhook needs a secret: unsigned alerts could be forged")
        self._url, self._secret = url, secret
        # One address in the settings is where incidents may go: no redirect, no proxy of the
        # environment takes them elsewhere.
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def send(self, message: Message, at: datetime) -> Delivery:
        body = _body(message)
        timestamp = str(int(at.timestamp()))
        headers = {
            "Content-Type": "application/json",
            KEY: message.key,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, timestamp, body),
        }
        try:
            response = self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            # The error's text can hold the URL, and the URL a key: its kind is enough.
            return Delivery(DeliveryState.FAILED_TEMP, reason=type(error).__name__)
        except (httpx.InvalidURL, ValueError):
            return Delivery(DeliveryState.FAILED_PERM, reason="the webhook's URL is not one")
        return _delivery(response)

    def later(self, _now: datetime) -> Sequence[Later]:
        return ()


def _body(message: Message) -> bytes:
    document = {
        "key": message.key,
        "kind": message.kind,
        "attempt": message.attempt,
        "role": message.role,
        "person": message.person,
        "address": message.address,
        "text": message.short,
        "card": message.card,
        "incident": message.document,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _delivery(response: httpx.Response) -> Delivery:
    status = response.status_code
    if 200 <= status < 300:
        return Delivery(DeliveryState.ACCEPTED)
    reason = f"HTTP {status}"
    if status in (408, 425, 429) or status >= 500:
        return Delivery(DeliveryState.FAILED_TEMP, reason=reason)
    if 300 <= status < 400:
        reason += ": redirects are refused"
    return Delivery(DeliveryState.FAILED_PERM, reason=reason)
