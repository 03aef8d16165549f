"""Whether Twilio sent this: the request signature of webhooks and of the stream's upgrade.

Written from Twilio's "Webhooks security" rules; tests compare it with the SDK's own validator.
The address is built from one configured public base, never from the request's own scheme or host,
because behind a proxy those are the proxy's (twilio-python#751, twilio-node#321).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

HEADER: Final = "x-twilio-signature"
SETTINGS_HEADER: Final = "x-twilio-webhooks-signature-settings"

_HASHES: Final = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_DEFAULT_PORTS: Final = {"https": 443, "http": 80, "wss": 443, "ws": 80}


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a signature covers, as it stood on the wire."""

    path: str
    """Raw path, percent-encoding kept; without the public base's prefix."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signatures are checked against.

    `tokens`: the account's auth token, and the second one while tokens are rotated.
    `shared_keys`: secrets of Twilio's shared keys by key id (HMAC-SHA256 signatures).
    """

    tokens: tuple[str, ...]
    shared_keys: Mapping[str, str]

    def __post_init__(self) -> None:
        if not [token for token in (*self.tokens, *self.shared_keys.values()) if token]:
            message = "no Twilio auth token is configured: no webhook could ever be trusted"
            raise ValueError(message)

    def candidates(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Return the secrets that may have signed a request with these signature settings."""
        named = self.shared_keys.get(settings.get("key", ""))
        found = (named,) if named else (*self.tokens, *self.shared_keys.values())
        return tuple(secret for secret in found if secret)


class PublicAddress:
    """The one address the carrier knows us by: scheme, host, port and prefix."""

    def __init__(self, base: str) -> None:
        """Take `base`, e.g. `https://hotline.example.org/ivr`.

        Raises:
            ValueError: it is not an absolute http(s) address.
        """
        parts = urlsplit(base.strip())
        if parts.scheme not in ("http", "https") or not parts.netloc:
            message = f"PUBLIC_URL must look like https://hotline.example.org, not {base!r}"
            raise ValueError(message)
        self.prefix = parts.path.rstrip("/")
        self.base = f"{parts.scheme}://{parts.netloc}{self.prefix}"
        socket_scheme = "wss" if parts.scheme == "https" else "ws"
        self.socket_base = f"{socket_scheme}://{parts.netloc}{self.prefix}"

    def url(self, path: str, query: str = "") -> str:
        return f"{self.base}{path}" + (f"?{query}" if query else "")

    def socket_url(self, path: str, query: str = "") -> str:
        return f"{self.socket_base}{path}" + (f"?{query}" if query else "")


def signature(secret: str, url: str, params: Iterable[tuple[str, str]], name: str) -> str:
    """Return the base64 HMAC of `url` and the sorted `params`; `name` as in `_HASHES`."""
    text = url + "".join(key + value for key, value in sorted(set(params)))
    mac = hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), _HASHES[name])
    return base64.b64encode(mac.digest()).decode("ascii")


def signed_webhook(request: SignedRequest, address: PublicAddress, secrets: Secrets) -> bool:
    """Return whether this webhook carries a signature made with one of `secrets`."""
    url = address.url(request.path, request.query)
    if "bodySHA256" in parse_qs(request.query):
        # JSON bodies: the hash stands in the signed query instead of the parameters.
        named = parse_qs(request.query)["bodySHA256"][0]
        actual = hashlib.sha256(request.body).hexdigest()
        params: Sequence[tuple[str, str]] = ()
        if not hmac.compare_digest(named.encode(), actual.encode()):
            return False
    else:
        params = form_of(request)
    return _matches(_with_and_without_port(url), params, request.headers, secrets)


def signed_upgrade(request: SignedRequest, address: PublicAddress, secrets: Secrets) -> bool:
    """Return whether this stream upgrade is signed.

    The address is the `wss` one; Twilio's own threads know it with and without a trailing slash.
    """
    path = request.path.rstrip("/")
    urls = [
        variant
        for ending in ("", "/")
        for variant in _with_and_without_port(address.socket_url(path + ending, request.query))
    ]
    return _matches(urls, (), request.headers, secrets)


def form_of(request: SignedRequest) -> tuple[tuple[str, str], ...]:
    """Return the form's fields as sent: untrimmed, blanks kept, repeats kept."""
    if not request.content_type.lower().startswith("application/x-www-form-urlencoded"):
        return ()
    text = request.body.decode("utf-8", "surrogateescape")
    return tuple(
        parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)
    )


def _matches(
    urls: Iterable[str],
    params: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    secrets: Secrets,
) -> bool:
    given = headers.get(HEADER, "").strip().encode("utf-8", "replace")
    settings = _settings(headers.get(SETTINGS_HEADER, ""))
    name = settings.get("algorithm", "HMAC_SHA1").upper()
    if not given or name not in _HASHES:
        return False
    # Every candidate is computed and compared: the time taken says nothing about which one fits.
    found = False
    for url in urls:
        for secret in secrets.candidates(settings):
            expected = signature(secret, url, params, name).encode("ascii")
            found |= hmac.compare_digest(expected, given)
    return found


def _settings(header: str) -> dict[str, str]:
    """Return `key=…,algorithm=HMAC_SHA256` as a mapping (SDK 9.13); empty means HMAC-SHA1."""
    pairs = (part.partition("=") for part in header.split(","))
    return {key.strip(): value.strip() for key, found, value in pairs if found and value.strip()}


def _with_and_without_port(url: str) -> tuple[str, ...]:
    """Return the address without fragment, with and without its port: Twilio signs either."""
    parts = urlsplit(url)
    parts = parts._replace(fragment="")  # `#rc=2` steers retries and is not signed
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    bare = urlunsplit(parts._replace(netloc=host))
    # The SDK adds :80 to wss addresses; both spellings are accepted.
    ports = {port, 80} if parts.scheme == "wss" and not parts.port else {port}
    return (bare, *(urlunsplit(parts._replace(netloc=f"{host}:{one}")) for one in sorted(ports)))
