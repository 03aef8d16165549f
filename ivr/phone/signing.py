"""How the carrier signs what it sends."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signed(auth_token: str, url: str, form: Mapping[str, str] | None = None) -> str:
    """Return `X-Twilio-Signature`: base64 HMAC-SHA1 of the address and the form's fields, sorted.

    `url` is what the carrier was told to fetch, without its fragment.
    """
    text = url.split("#")[0]
    for name in sorted(form or {}):
        text += name + (form or {})[name]
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
