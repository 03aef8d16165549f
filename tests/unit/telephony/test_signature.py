"""The signature check agrees with Twilio's SDK, and nothing unsigned passes."""

import hashlib
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from ivr.telephony.signature import (
    PublicAddress,
    Secrets,
    SignedRequest,
    signed_upgrade,
    signed_webhook,
)

pytestmark = pytest.mark.unit

BASE = "https://hotline.example.org"
ADDRESS = PublicAddress(BASE)
SECRETS = Secrets(("old token", "new token"), {"webhooks_sharedkey_1": "shared secret"})
FORM = {"CallSid": "CA1", "From": "+8613800000001", "Body": " 着火了 & 100% ", "Empty": ""}


def webhook(signature: str, *, query: str = "", body: bytes | None = None, **more: str) -> bool:
    headers = {"x-twilio-signature": signature, **more}
    content = urlencode(FORM).encode() if body is None else body
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    request = SignedRequest("/voice/incoming", query, headers, content, kind)
    return signed_webhook(request, ADDRESS, SECRETS)


def sdk(token: str, url: str, algorithm: str | None = None, form: dict[str, str] = FORM) -> str:
    found: str = RequestValidator(token).compute_signature(url, form, algorithm)
    return found


@pytest.mark.parametrize("token", ["old token", "new token"])
@pytest.mark.parametrize("port", ["", ":443"])
def test_what_the_sdk_signs_passes_with_either_token_and_port(token: str, port: str) -> None:
    assert webhook(sdk(token, f"{BASE}{port}/voice/incoming"))


def test_the_query_is_part_of_the_signature() -> None:
    assert webhook(sdk("new token", f"{BASE}/voice/incoming?turn=2"), query="turn=2")
    assert not webhook(sdk("new token", f"{BASE}/voice/incoming?turn=2"), query="turn=3")


@pytest.mark.parametrize("signature", ["", "x", "=" * 28, "é", "A" * 10_000])
def test_anything_else_does_not_pass(signature: str) -> None:
    assert not webhook(signature)


def test_a_changed_field_does_not_pass() -> None:
    forged = urlencode({**FORM, "From": "+8613800000002"}).encode()
    assert not webhook(sdk("old token", f"{BASE}/voice/incoming"), body=forged)


def test_an_sha256_signature_by_a_shared_key_passes() -> None:
    url = f"{BASE}/voice/incoming"
    settings = {
        "x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    }
    right = sdk("shared secret", url, "HMAC_SHA256")
    assert webhook(right, **settings)
    assert not webhook(right)
    assert not webhook(sdk("old token", url, "HMAC_SHA256"), **settings)
    unknown = {"x-twilio-webhooks-signature-settings": "algorithm=HMAC_MD5"}
    assert not webhook(right, **unknown)


def test_a_json_body_is_covered_by_its_hash() -> None:
    body = b'{"event": 1}'
    query = "bodySHA256=" + hashlib.sha256(body).hexdigest()
    right = sdk("old token", f"{BASE}/voice/incoming?{query}", form={})
    assert webhook(right, query=query, body=body)
    assert not webhook(right, query=query, body=b'{"event": 2}')


def test_a_repeated_field_is_signed_as_twilio_does() -> None:
    class Repeats(dict[str, str]):
        def getlist(self, name: str) -> list[str]:
            return ["b", "a", "a"] if name == "X" else [self[name]]

    right = RequestValidator("old token").compute_signature(
        f"{BASE}/voice/incoming", Repeats(X="b", Y="c")
    )
    assert webhook(right, body=b"X=b&X=a&X=a&Y=c")


@pytest.mark.parametrize("signed_path", ["/voice/stream", "/voice/stream/"])
@pytest.mark.parametrize("asked_path", ["/voice/stream", "/voice/stream/"])
def test_the_upgrade_passes_with_and_without_a_trailing_slash(
    signed_path: str, asked_path: str
) -> None:
    right = sdk("old token", f"wss://hotline.example.org{signed_path}", form={})
    request = SignedRequest(asked_path, "", {"x-twilio-signature": right})
    assert signed_upgrade(request, ADDRESS, SECRETS)


def test_the_upgrade_is_not_signed_over_https() -> None:
    wrong = sdk("old token", f"{BASE}/voice/stream", form={})
    request = SignedRequest("/voice/stream", "", {"x-twilio-signature": wrong})
    assert not signed_upgrade(request, ADDRESS, SECRETS)


def test_a_public_address_keeps_its_prefix_and_drops_a_fragment() -> None:
    address = PublicAddress("https://hotline.example.org:8443/ivr/#rc=2")
    assert address.url("/voice/x", "a=1") == "https://hotline.example.org:8443/ivr/voice/x?a=1"
    assert address.socket_url("/voice/stream") == (
        "wss://hotline.example.org:8443/ivr/voice/stream"
    )


def test_no_token_at_all_refuses_to_start() -> None:
    with pytest.raises(ValueError, match="auth token"):
        Secrets(("",), {})
    with pytest.raises(ValueError, match="PUBLIC_URL"):
        PublicAddress("hotline.example.org")
