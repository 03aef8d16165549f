"""The voice webhooks as a Flask blueprint: a signed form in, a document out, always.

Every view is entered through one gate (`_checked`: size, signature, call id) and left through one
boundary (`_document`): whatever breaks inside, the carrier gets a document that ends at a person.
"""

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from ivr.call.switchboard import Ringing, Switchboard
from ivr.incident.model import CallId
from ivr.telephony.audio_files import add_audio_routes
from ivr.telephony.carrier_errors import advice
from ivr.telephony.documents import WHISPER_ROUNDS, Documents
from ivr.telephony.gather import turn_of
from ivr.telephony.mishap import described
from ivr.telephony.prompts import Speaker
from ivr.telephony.repeats import Repeats
from ivr.telephony.signature import PublicAddress, Secrets, SignedRequest, form_of, signed_webhook

log = logging.getLogger(__name__)

MAX_BODY: Final = 64 * 1024
"""Bytes; Twilio's largest voice form is some kilobytes."""
_CALL_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{1,127}")
_MAX_TURN: Final = 100_000

# What carriers put into From where the number is withheld, apart from words and an empty value.
_WITHHELD: Final = frozenset(
    {"266696687", "7378742833", "2562533", "8566696", "86282452253", "464"}
)
_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")

TERMINAL: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Call statuses after which nothing comes."""

_FORWARDED: Final = (
    "ForwardedFrom",
    "AccountSid",
    "Direction",
    "FromCountry",
    "StirVerstat",
    "ParentCallSid",
)


@dataclass(slots=True)
class SignatureWatch:
    """What the deployment's preflight shows: does the carrier reach us, rightly signed?"""

    last_valid_at: datetime | None = None
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, valid: bool, at: datetime) -> None:
        with self._lock:
            if valid:
                self.last_valid_at = at
            else:
                self.refused += 1


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Everything the views need; `now` gives aware UTC."""

    switchboard: Switchboard
    documents: Documents
    speaker: Speaker
    address: PublicAddress
    secrets: Secrets
    now: Callable[[], datetime]
    watch: SignatureWatch = field(default_factory=SignatureWatch)
    repeats: Repeats = field(default_factory=Repeats)

    def incoming(self, call: CallId, form: Mapping[str, str]) -> bytes:
        forwarded = {name: form[name][:200] for name in _FORWARDED if form.get(name)}
        ringing = Ringing(
            call=call,
            caller=number_of(form.get("From")),
            called=number_of(form.get("To") or form.get("Called")),
            at=self.now(),
            forwarded=MappingProxyType(forwarded),
        )
        return self.documents.answer(self.switchboard.ring(ringing), call)

    def go_on(self, call: CallId, _form: Mapping[str, str]) -> bytes:
        return self.documents.answer(self.switchboard.resume(call, self.now()), call)

    def hear(self, call: CallId, form: Mapping[str, str]) -> bytes:
        turn = turn_of(form, _turn())
        return self.documents.answer(self.switchboard.hear(call, turn, self.now()), call)

    def dialled(self, call: CallId, form: Mapping[str, str]) -> bytes:
        status = form.get("DialCallStatus", "failed")
        if status == "completed" and form.get("DialBridged", "true").lower() == "false":
            status = "no-answer"  # a mailbox, or a person who declined at the whisper
        return self.documents.answer(self.switchboard.dialled(call, status, self.now()), call)

    def whisper(self, leg: CallId, form: Mapping[str, str]) -> bytes:
        """The dialled person's own leg: `leg` is its call id, the caller's stands in the query."""
        call = _caller_of(leg, form)
        turn = _turn()
        key = form.get("Digits", "")[:1] if turn else "2"
        lang = self.documents.langs[0]
        if key == "1":
            self.switchboard.accepted(call, self.now())
            return self.documents.put_through(lang)
        if key == "2" and turn < WHISPER_ROUNDS:
            card = self.switchboard.whisper(call)
            return self.documents.whisper(card, call, turn + 1, lang)
        return self.documents.hang_up

    def desk(self, _call: CallId, form: Mapping[str, str]) -> bytes:
        """Behind the dialling of `Documents.person`: needs no switchboard."""
        if form.get("DialCallStatus") == "completed":  # no whisper there: answered is answered
            return self.documents.hang_up
        return self.documents.no_answer

    def message(self, call: CallId, form: Mapping[str, str]) -> bytes:
        """Behind a `<Record>`; without a turn it was the message of a hotline in trouble."""
        if not _turn():
            log.warning("call %s: a message was left at the carrier", call)
            return self.documents.message_taken
        return self.hear(call, form)

    def status(self, call: CallId, form: Mapping[str, str]) -> bytes:
        status = form.get("CallStatus", "").lower()
        if status in TERMINAL:
            self.switchboard.ended(call, status, self.now())
        return EMPTY_DOCUMENT

    def stream_status(self, call: CallId, form: Mapping[str, str]) -> bytes:
        if form.get("StreamEvent") == "stream-error":
            log.error("call %s: stream error: %s", call, advice(form.get("StreamErrorCode", "")))
        return EMPTY_DOCUMENT

    def fallback(self, call: CallId, form: Mapping[str, str]) -> bytes:
        """The number's fallback address: our webhook failed, so nothing of ours is asked."""
        log.error("call %s: fallback asked: %s", call, advice(form.get("ErrorCode", "")))
        return self.documents.fallback


View = Callable[[CallId, Mapping[str, str]], bytes]
EMPTY_DOCUMENT: Final = b"<Response/>"


def voice_blueprint(hooks: Webhooks) -> Blueprint:
    """Return the blueprint of all `/voice/…` pages but the stream."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")
    views: Mapping[str, View] = {
        "incoming": hooks.incoming,
        "continue": hooks.go_on,
        "gather": hooks.hear,
        "dialled": hooks.dialled,
        "whisper": hooks.whisper,
        "desk": hooks.desk,
        "message": hooks.message,
        "status": hooks.status,
        "stream-status": hooks.stream_status,
        "fallback": hooks.fallback,
    }
    for name, view in views.items():
        voice.add_url_rule(
            f"/{name}", f"voice_{name}", _entered(hooks, view, name), methods=["POST"]
        )
    add_audio_routes(voice, hooks.speaker)
    return voice


def number_of(text: str | None) -> str | None:
    """Return a telephone number in E.164 as far as the carrier gave one, None where withheld."""
    given = (text or "").strip().replace(" ", "").removeprefix("tel:")
    if not _NUMBER.fullmatch(given) or given.lstrip("+") in _WITHHELD:
        return None
    return given


def _entered(hooks: Webhooks, view: View, name: str) -> Callable[[], Response]:
    def page() -> Response:
        refused = _checked(hooks)
        if refused is not None:
            return refused
        return _document(hooks, view, name)

    return page


def _checked(hooks: Webhooks) -> Response | None:
    """Return a refusal, or None after putting the form's fields into `g`."""
    request.max_content_length = MAX_BODY
    try:
        body = request.get_data(cache=True)
    except RequestEntityTooLarge:
        return _plain(413, f"a webhook has at most {MAX_BODY} bytes\n")
    signed = SignedRequest(
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        content_type=request.content_type or "",
    )
    valid = signed_webhook(signed, hooks.address, hooks.secrets)
    hooks.watch.note(valid, hooks.now())
    if not valid:
        log.warning("webhook %s refused: not signed by the carrier", request.path)
        return _plain(403, "not signed by the carrier\n")
    fields = {name: _clean(value) for name, value in reversed(form_of(signed))}
    g.voice_form = MappingProxyType(fields)
    g.voice_call = CallId(fields.get("CallSid", ""))
    if not _CALL_ID.fullmatch(g.voice_call):
        return _plain(400, "CallSid is missing or not a call id; send Twilio's voice parameters\n")
    return None


def _document(hooks: Webhooks, view: View, name: str) -> Response:
    call: CallId = g.voice_call
    form: Mapping[str, str] = g.voice_form
    token = request.headers.get("I-Twilio-Idempotency-Token", "")
    try:
        if token:
            key = (request.full_path, call, token)
            content = hooks.repeats.answer(key, lambda: view(call, form))
        else:
            content = view(call, form)
    except Exception as error:  # noqa: BLE001 - the webhooks' boundary: it ends at a person
        log.error("call %s: /voice/%s failed: %s", call, name, described(error))  # noqa: TRY400
        return _xml(_worst(hooks, name))
    return _xml(content)


def _worst(hooks: Webhooks, name: str) -> bytes:
    """Return what is said when a view has failed."""
    if name in ("status", "stream-status"):
        return EMPTY_DOCUMENT  # nobody listens to it; an error would only be repeated
    if name == "whisper":
        # The caller waits on the other leg: the card is lost, the person is not.
        if g.voice_form.get("Digits", "")[:1] == "1":
            return hooks.documents.put_through(hooks.documents.langs[0])
        caller = _caller_of(g.voice_call, g.voice_form)
        return hooks.documents.whisper_without_card(caller)
    return hooks.documents.fallback


def _caller_of(leg: CallId, form: Mapping[str, str]) -> CallId:
    """Return the caller's call of a dialled leg."""
    return CallId(request.args.get("call", "") or form.get("ParentCallSid", leg))


def _turn() -> int:
    text = request.args.get("turn", "0")
    return min(int(text), _MAX_TURN) if text.isascii() and text.isdigit() else 0


def _clean(value: str) -> str:
    """Return `value` as text that every store takes: no lone surrogates, no NUL."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _xml(content: bytes) -> Response:
    return Response(content, mimetype="text/xml", headers={"Cache-Control": "no-store"})


def _plain(status: int, text: str) -> Response:
    return Response(text, status=status, mimetype="text/plain")
