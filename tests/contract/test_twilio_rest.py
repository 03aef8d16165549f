"""Every request that leaves for Twilio fits Twilio's own description; its answers become values."""

from collections.abc import Iterator

import pytest

from ivr.telephony.twilio_rest import Accepted, Busy, Refused, TwilioRest, Unknown
from tests.mock_twilio.server import ACCOUNT, TOKEN, MockTwilio, Trouble, mock_twilio, openapi

pytestmark = pytest.mark.contract

OURS = "+8602300000000"
THEIRS = "+8613900000009"
needs_openapi = pytest.mark.skipif(
    openapi() is None, reason="Twilio's OpenAPI file is not beside the repository"
)


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    with mock_twilio() as server:
        yield server


def rest(twilio: MockTwilio, token: str = TOKEN, timeout_s: float = 3.0) -> TwilioRest:
    return TwilioRest(ACCOUNT, token, OURS, api_base=twilio.url, timeout_s=timeout_s)


@needs_openapi
def test_every_request_fits_twilios_own_description(twilio: MockTwilio) -> None:
    api = rest(twilio)
    outcomes = [
        api.send_sms(THEIRS, "3栋着火", "https://hotline.example.org/sms/status"),
        api.place_call(THEIRS, url="https://h.example.org/v", status_url="https://h.example.org/s"),
        api.place_call(THEIRS, twiml="<Response><Hangup/></Response>"),
        api.redirect_call("CA" + "2" * 32, "https://h.example.org/voice/continue"),
        api.say_into_call("CA" + "2" * 32, "<Response><Hangup/></Response>"),
        api.end_call("CA" + "2" * 32),
    ]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(twilio.asked) == 6
    assert twilio.violations == []
    events = twilio.asked[1].form["StatusCallbackEvent"]
    assert events == ["initiated", "ringing", "answered", "completed"]


@needs_openapi
def test_the_check_itself_notices_a_wrong_request(twilio: MockTwilio) -> None:
    client = rest(twilio)._client
    client.request("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", data={"Too": THEIRS})
    assert any("Too" in violation for violation in twilio.violations)
    assert any("'To' is a required property" in violation for violation in twilio.violations)


def test_a_wrong_token_is_refused_with_advice(twilio: MockTwilio) -> None:
    outcome = rest(twilio, token="not the token").send_sms(THEIRS, "x")
    assert isinstance(outcome, Refused)
    assert outcome.code == "20003"
    assert twilio.asked == []


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble(400, 21211, "invalid To"), Refused),
        (Trouble(429, 20429, "too many requests"), Busy),
        (Trouble(503, 20503, "unavailable"), Unknown),
        (Trouble(hang=True), Unknown),
    ],
)
def test_an_error_becomes_a_value_and_is_not_repeated(
    twilio: MockTwilio, trouble: Trouble, kind: type
) -> None:
    twilio.trouble.append(trouble)
    outcome = rest(twilio, timeout_s=0.3).send_sms(THEIRS, "x")
    assert isinstance(outcome, kind)
    assert len(twilio.asked) == 1


def test_what_twilio_would_refuse_is_not_sent(twilio: MockTwilio) -> None:
    api = rest(twilio)
    assert api.send_sms(THEIRS, "字" * 1601) == Refused("21617", api_advice("21617"))
    assert isinstance(api.place_call(THEIRS, twiml="<" * 4001), Refused)
    with pytest.raises(ValueError, match="itself"):
        api.place_call(OURS, url="https://h.example.org/v")
    assert twilio.asked == []


def api_advice(code: str) -> str:
    from ivr.telephony.carrier_errors import advice

    return advice(code)
