"""Calls and messages we ask Twilio to make; the only file that imports the Twilio SDK.

Creating is not idempotent at Twilio: after a time-out nobody knows whether it happened, and the
outcome says so (`Unknown`) instead of asking again. Only a 429 is safe to repeat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from ivr.telephony.carrier_errors import advice

TIMEOUT_S: Final = 5.0
MAX_SMS: Final = 1600
"""Characters; more is error 21617."""
MAX_INLINE: Final = 4000
"""Characters of a document sent along with a REST request; more is error 32018."""
CALL_EVENTS: Final = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Twilio took it; whether anybody hears it is told by status callbacks."""

    sid: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Twilio did not take it and will not: try another way."""

    code: str
    advice: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Too many requests (429): nothing was made, ask again later."""

    retry_after_s: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been made: reconcile before doing it again."""

    why: str


Outcome = Accepted | Refused | Busy | Unknown


class TwilioRest:
    """SMS, calls out, and changes to live calls."""

    def __init__(
        self,
        account: str,
        auth_token: str,
        sender: str,
        *,
        api_base: str | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`sender`: our number, E.164. `api_base`: e.g. a test's server instead of Twilio's."""
        self._sender = sender
        http = _Elsewhere(api_base, timeout_s)
        self._client = Client(account, auth_token, http_client=http)

    def send_sms(self, to: str, body: str, status_url: str | None = None) -> Outcome:
        """Send a text. Chinese takes 70 characters in one part, 67 per part in several."""
        if len(body) > MAX_SMS:
            return Refused("21617", advice("21617"))
        extra = {"status_callback": status_url} if status_url else {}
        return self._ask(
            lambda: self._client.messages.create(to=to, from_=self._sender, body=body, **extra)
        )

    def place_call(
        self,
        to: str,
        *,
        url: str | None = None,
        twiml: str | None = None,
        status_url: str | None = None,
        ring_s: int = 25,
        events: Sequence[str] = CALL_EVENTS,
    ) -> Outcome:
        """Call `to`; `url` answers with a document, or `twiml` is one (absolute action URLs).

        Raises:
            ValueError: not exactly one of `url` and `twiml`, or our own number is called.
        """
        if (url is None) == (twiml is None):
            message = "give either url or twiml"
            raise ValueError(message)
        if to == self._sender:
            message = "the hotline would call itself"
            raise ValueError(message)
        if twiml is not None and len(twiml) > MAX_INLINE:
            return Refused("32018", advice("32018"))
        extra: dict[str, Any] = {"url": url} if url else {"twiml": twiml}
        if status_url:
            extra |= {"status_callback": status_url, "status_callback_event": list(events)}
        return self._ask(
            lambda: self._client.calls.create(to=to, from_=self._sender, timeout=ring_s, **extra)
        )

    def redirect_call(self, call: str, url: str) -> Outcome:
        """Send a live call to another document (ends its stream)."""
        return self._ask(lambda: self._client.calls(call).update(url=url, method="POST"))

    def say_into_call(self, call: str, twiml: str) -> Outcome:
        """Replace a live call's document."""
        if len(twiml) > MAX_INLINE:
            return Refused("32018", advice("32018"))
        return self._ask(lambda: self._client.calls(call).update(twiml=twiml))

    def end_call(self, call: str) -> Outcome:
        return self._ask(lambda: self._client.calls(call).update(status="completed"))

    def _ask(self, request: Callable[[], Any]) -> Outcome:
        try:
            return Accepted(str(request().sid))
        except TwilioRestException as error:
            return _refusal(error)
        except requests.exceptions.ConnectTimeout:
            return Busy(retry_after_s=2.0)  # no connection: nothing was sent
        except (requests.exceptions.RequestException, TwilioException) as error:
            return Unknown(type(error).__name__)


class _Elsewhere(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's client with our time-out, no blind repeats, and another host where one is set."""

    def __init__(self, api_base: str | None, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s, max_retries=0)
        self._base = urlsplit(api_base.rstrip("/")) if api_base else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if self._base is not None:
            parts = urlsplit(url)
            path = self._base.path + parts.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)


def _refusal(error: TwilioRestException) -> Outcome:
    """Sort an error answer: 5xx may have happened, 429 has not, the rest will never."""
    if error.status == 429:
        return Busy(retry_after_s=1.0)
    if error.status >= 500:
        return Unknown(f"HTTP {error.status}")
    code = str(error.code or error.status)
    return Refused(code, advice(code))
