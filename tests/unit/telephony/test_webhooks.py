"""The webhooks as the carrier meets them: forged, doubled, oversized, odd, and in trouble."""

import logging
import threading
from typing import Any
from urllib.parse import urlencode

import pytest

from ivr.call.switchboard import AnswerByStream
from ivr.incident.model import Place
from ivr.phone.signing import signed
from ivr.phone.twiml_reader import read
from ivr.telephony.repeats import Repeats
from ivr.telephony.tokens import Phrase, PhraseSeal, fingerprint, mint, same
from ivr.telephony.webhooks import Webhooks, number_of
from tests.fakes.hotline import DESK, TOKEN, app_for, hooks_for
from tests.fakes.prompts import TonePrompts
from tests.fakes.switchboard import FakeSwitchboard

pytestmark = pytest.mark.unit

BASE = "https://hotline.example.org"
FORM = {"CallSid": "CA1", "From": "+8613800000001", "To": "+86230", "NewParameter": "x"}
VIEWS = "incoming continue gather dialled whisper desk message status stream-status fallback"


def post(hooks: Webhooks, path: str, form: dict[str, str] | None = None, **headers: str) -> Any:
    form = FORM if form is None else form
    signature = signed(TOKEN, BASE + path, form)
    sent = {"X-Twilio-Signature": signature, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return app_for(hooks).test_client().post(path, data=form, headers=sent)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    return [verb.name for verb in read(answer.data)]


def test_a_ringing_call_is_connected_to_its_stream_with_a_redirect_behind() -> None:
    hooks = hooks_for(FakeSwitchboard())
    connect, redirect = read(post(hooks, "/voice/incoming").data)
    stream = connect.children[0]
    assert stream.attributes["url"] == "wss://hotline.example.org/voice/stream"
    assert stream.attributes["statusCallback"] == f"{BASE}/voice/stream-status"
    assert stream.children[0].attributes["name"] == "token"
    assert redirect.text == f"{BASE}/voice/continue"


def test_a_replayed_webhook_gets_the_same_token() -> None:
    hooks = hooks_for(FakeSwitchboard())
    assert post(hooks, "/voice/incoming").data == post(hooks, "/voice/incoming").data


@pytest.mark.parametrize("view", VIEWS.split())
def test_an_unsigned_webhook_is_refused(view: str) -> None:
    switchboard = FakeSwitchboard()
    hooks = hooks_for(switchboard)
    client = app_for(hooks).test_client()
    for headers in ({}, {"X-Twilio-Signature": signed("other", f"{BASE}/voice/{view}", FORM)}):
        assert client.post(f"/voice/{view}", data=FORM, headers=headers).status_code == 403
    assert switchboard.calls == {}
    assert (hooks.watch.refused, hooks.watch.last_valid_at) == (2, None)


def test_a_valid_signature_is_remembered_for_the_preflight() -> None:
    hooks = hooks_for(FakeSwitchboard())
    post(hooks, "/voice/incoming")
    assert hooks.watch.last_valid_at is not None


@pytest.mark.parametrize("form", [{}, {"CallSid": ""}, {"CallSid": "a b"}, {"CallSid": "x" * 200}])
def test_a_webhook_without_a_call_id_is_400_in_plain_words(form: dict[str, str]) -> None:
    answer = post(hooks_for(FakeSwitchboard()), "/voice/incoming", form)
    assert answer.status_code == 400
    assert b"CallSid" in answer.data


def test_an_oversized_webhook_is_413() -> None:
    answer = post(hooks_for(FakeSwitchboard()), "/voice/incoming", {**FORM, "Body": "x" * 70_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe%zz=%", b"{}", b"&&&==", b"a" * 60_000, b"\0"])
def test_a_malformed_body_is_answered_plainly(body: bytes) -> None:
    client = app_for(hooks_for(FakeSwitchboard())).test_client()
    for kind in ("application/x-www-form-urlencoded", "application/json", ""):
        answer = client.post("/voice/incoming", data=body, content_type=kind)
        assert answer.status_code in (400, 403)


def test_odd_values_in_a_signed_form_are_taken() -> None:
    switchboard = FakeSwitchboard(stream=False)
    hooks = hooks_for(switchboard)
    odd = {**FORM, "From": "\x00🔥", "Confidence": "x", "SpeechResult": "着\x00火"}
    assert "Gather" in names(post(hooks, "/voice/incoming", odd))
    for path in ("/voice/gather?turn=1", "/voice/gather?turn=-1", "/voice/gather?turn=x"):
        names(post(hooks, path, odd))
    assert switchboard.rung[0].caller is None


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("+8613800000001", "+8613800000001"),
        ("anonymous", None),
        ("", None),
        (None, None),
        ("+266696687", None),
        ("+7378742833", None),
        ("Restricted", None),
        ("sip:someone@example.org", None),
        ("110", "110"),
    ],
)
def test_a_withheld_number_is_none(given: str | None, number: str | None) -> None:
    assert number_of(given) == number


def test_trouble_inside_dials_the_duty_desk_and_says_nothing_of_the_caller(
    caplog: pytest.LogCaptureFixture,
) -> None:
    switchboard = FakeSwitchboard()
    switchboard.broken = True
    hooks = hooks_for(switchboard)
    with caplog.at_level(logging.DEBUG):
        for view in ("incoming", "continue", "gather?turn=1", "dialled"):
            answer = post(hooks, f"/voice/{view}", {**FORM, "SpeechResult": "secret words"})
            verbs = read(answer.data)
            dial = next(verb for verb in verbs if verb.name == "Dial")
            assert dial.children[0].text == DESK
            assert verbs[-1].name == "Redirect"
    assert "ConnectionError" in caplog.text
    for secret in ("secret words", FORM["From"]):
        assert secret not in caplog.text


def test_without_a_duty_phone_trouble_takes_a_message() -> None:
    switchboard = FakeSwitchboard()
    switchboard.broken = True
    found = names(post(hooks_for(switchboard, desk=None), "/voice/incoming"))
    assert found[-2:] == ["Record", "Redirect"]


def test_the_fallback_needs_nothing_of_the_switchboard() -> None:
    hooks = hooks_for(None)
    assert "Dial" in names(post(hooks, "/voice/fallback", {**FORM, "ErrorCode": "11200"}))
    assert "Record" in names(post(hooks, "/voice/desk", {**FORM, "DialCallStatus": "busy"}))
    assert names(post(hooks, "/voice/desk", {**FORM, "DialCallStatus": "completed"})) == ["Hangup"]
    assert names(post(hooks, "/voice/message"))[-1] == "Hangup"


def test_statuses_end_a_call_in_any_order_and_any_number() -> None:
    switchboard = FakeSwitchboard()
    hooks = hooks_for(switchboard)
    for status in ("ringing", "", "odd", "completed", "in-progress", "failed", "completed"):
        answer = post(hooks, "/voice/status", {**FORM, "CallStatus": status})
        assert answer.data == b"<Response/>"
    (call,) = switchboard.calls.values()
    assert call.ends == ["completed"]


def test_a_mailbox_that_answered_is_nobody() -> None:
    heard: list[str] = []
    switchboard = FakeSwitchboard(stream=False)
    switchboard.dialled = (  # type: ignore[method-assign]
        lambda _call, status, _at: heard.append(status) or AnswerByStream("t")
    )
    hooks = hooks_for(switchboard)
    completed = {**FORM, "DialCallStatus": "completed"}
    post(hooks, "/voice/dialled", {**completed, "DialBridged": "false"})
    post(hooks, "/voice/dialled", {**completed, "DialBridged": "true"})
    post(hooks, "/voice/dialled", completed)
    assert heard == ["no-answer", "completed", "completed"]


def test_the_dialled_person_hears_the_card_and_only_1_puts_the_caller_through() -> None:
    switchboard = FakeSwitchboard()
    hooks = hooks_for(switchboard)
    leg = {**FORM, "CallSid": "CA9"}
    card, end = read(post(hooks, "/voice/whisper?call=CA1", leg).data)
    assert len(card.children) == 3
    assert end.name == "Hangup"
    action = card.attributes["action"].removeprefix(BASE)
    assert names(post(hooks, action, {**leg, "Digits": "3"})) == ["Hangup"]
    assert names(post(hooks, action, {**leg, "Digits": ""})) == ["Hangup"]
    assert names(post(hooks, action, {**leg, "Digits": "2"})) == ["Gather", "Hangup"]
    assert switchboard.accepted_calls == []
    assert names(post(hooks, action, {**leg, "Digits": "1"})) == ["Play"]
    assert list(switchboard.accepted_calls) == ["CA1"]


def test_a_card_that_cannot_be_made_still_asks_for_the_key() -> None:
    switchboard = FakeSwitchboard()
    switchboard.broken = True
    found = names(post(hooks_for(switchboard), "/voice/whisper?call=CA1", {**FORM}))
    assert found == ["Gather", "Hangup"]


def test_one_idempotency_token_is_answered_once() -> None:
    switchboard = FakeSwitchboard(stream=False)
    hooks = hooks_for(switchboard)
    first = post(hooks, "/voice/incoming", I_Twilio_Idempotency_Token="t1")
    again = post(hooks, "/voice/incoming", I_Twilio_Idempotency_Token="t1")
    post(hooks, "/voice/incoming", I_Twilio_Idempotency_Token="t2")
    assert first.data == again.data
    assert len(switchboard.rung) == 2


def test_a_repeat_waits_for_the_first_and_a_failure_is_not_kept() -> None:
    repeats = Repeats(keep=2)
    begun, go_on = threading.Event(), threading.Event()
    made: list[int] = []

    def slow() -> bytes:
        made.append(1)
        begun.set()
        go_on.wait(5)
        return b"once"

    answers: list[bytes] = []
    first = threading.Thread(target=lambda: answers.append(repeats.answer(("k",), slow)))
    first.start()
    begun.wait(5)
    second = threading.Thread(target=lambda: answers.append(repeats.answer(("k",), slow)))
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert (answers, made) == ([b"once", b"once"], [1])
    with pytest.raises(ZeroDivisionError):
        repeats.answer(("bad",), lambda: bytes(1 // 0))
    assert repeats.answer(("bad",), lambda: b"now") == b"now"


def test_recordings_are_served_with_their_validators() -> None:
    client = app_for(hooks_for(FakeSwitchboard())).test_client()
    first = client.get("/voice/audio/zh/G-01.wav")
    assert (first.status_code, first.mimetype) == (200, "audio/wav")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/voice/audio/zh/G-01.wav", headers=tag).status_code == 304
    assert client.get("/voice/audio/zh/slow/G-01.wav").data != first.data
    assert client.get("/voice/audio/fr/G-01.wav").status_code == 404
    assert client.get("/voice/audio/phrase/forged.wav").status_code == 404
    missing = hooks_for(FakeSwitchboard(), prompts=TonePrompts(missing=frozenset({"G-01"})))
    assert app_for(missing).test_client().get("/voice/audio/zh/G-01.wav").status_code == 404


def test_a_phrase_opens_by_its_own_name_only_and_leaves_the_callers_words_out() -> None:
    seal = PhraseSeal("one secret")
    place = Place(building="3", room="1204", landmark="东门", as_said="secret words")
    name = seal.name(Phrase(place, "zh", slow=True))
    opened = seal.open(name)
    assert opened is not None
    assert opened.place == Place(building="3", room="1204", landmark="东门")
    assert opened.slow
    assert PhraseSeal("another").open(name) is None
    assert seal.open(name[:-4] + "AAAA") is None
    assert seal.open("é") is None


def test_stream_tokens_are_kept_as_fingerprints() -> None:
    token = mint()
    assert same(token, fingerprint(token))
    assert not same(mint(), fingerprint(token))
    assert token not in fingerprint(token)


def test_a_form_body_is_read_as_it_was_signed() -> None:
    hooks = hooks_for(FakeSwitchboard())
    form = {**FORM, "CallerName": " 张 三 & Söhne +1 "}
    signature = signed(TOKEN, f"{BASE}/voice/incoming", form)
    answer = (
        app_for(hooks)
        .test_client()
        .post(
            "/voice/incoming",
            data=urlencode(form).encode(),
            content_type="application/x-www-form-urlencoded; charset=UTF-8",
            headers={"x-twilio-signature": signature},
        )
    )
    assert answer.status_code == 200
