"""Tokens that open something once or for long: the stream, and the address of a place's audio."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Final

from ivr.incident.model import Lang, Place

_SPOKEN_FIELDS: Final = ("building", "unit", "floor", "room", "landmark")
_SEAL_BYTES: Final = 16


def mint() -> str:
    """Return a new stream token: 192 bits, fit for a `<Parameter>` (below 500 characters)."""
    return secrets.token_urlsafe(24)


def fingerprint(token: str) -> str:
    """Return what the store keeps of a token, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def same(token: str, kept: str) -> bool:
    """Return whether `kept` is the fingerprint of `token`, in constant time."""
    return hmac.compare_digest(fingerprint(token), kept)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A place to be spoken."""

    place: Place
    lang: Lang
    slow: bool = False


class PhraseSeal:
    """Turns a phrase into the name of its audio file and back.

    The name holds the phrase itself, sealed: it works after a restart and in any process, and
    nobody can ask this machine to speak what it did not mean to say.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"phrase\0" + secret.encode()).digest()

    def name(self, phrase: Phrase) -> str:
        """Return the file name (without `.wav`), at most some hundred characters of URL text."""
        fields = {f: v for f in _SPOKEN_FIELDS if (v := getattr(phrase.place, f))}
        row = json.dumps([phrase.lang, int(phrase.slow), fields], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._seal(row) + row).decode("ascii").rstrip("=")

    def open(self, name: str) -> Phrase | None:
        """Return the phrase of `name`, or None where we did not seal it."""
        try:
            sealed = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
        except (binascii.Error, ValueError):
            return None
        seal, row = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(row)):
            return None
        lang, slow, fields = json.loads(row)
        return Phrase(place=Place(**fields), lang=lang, slow=bool(slow))

    def _seal(self, row: bytes) -> bytes:
        return hmac.new(self._key, row, hashlib.sha256).digest()[:_SEAL_BYTES]
