"""The carrier's interpreter: goes through documents verb by verb until the call is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from ivr.audio import mulaw, wav
from ivr.phone import happenings as told
from ivr.phone.caller import Caller, Turn
from ivr.phone.duty_phone import DutyPhone
from ivr.phone.leg import HungUp, Leg
from ivr.phone.media_stream import Faults, MediaStream, StreamReport
from ivr.phone.speech_stand_in import murmur
from ivr.phone.taking import Gathering, Recognize, Taking
from ivr.phone.twiml_reader import BadDocument, Verb, read
from ivr.phone.wire import Fetched, Wire, absolute

MAX_DOCUMENTS: Final = 500
_SPEECH_S: Final = 0.02


class CallFailed(Exception):
    """The caller hears "an application error has occurred" and the call ends."""


@dataclass(frozen=True, slots=True)
class DocumentSeen:
    path: str
    status: int
    verbs: tuple[str, ...]
    took_s: float
    body: bytes


@dataclass(slots=True)
class Trail:
    """What a call went through."""

    documents: list[DocumentSeen] = field(default_factory=list)
    streams: list[StreamReport] = field(default_factory=list)
    dials: list[str] = field(default_factory=list)
    """DialCallStatus of each transfer."""
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Going:
    """Where the call goes after a verb: the next document and what is posted with it."""

    url: str
    form: Mapping[str, str] = field(default_factory=dict)


class Switching:
    """Runs the documents of one leg. A staff leg is a second one with the same wire."""

    def __init__(
        self,
        leg: Leg,
        wire: Wire,
        identity: Mapping[str, str],
        trail: Trail,
        *,
        faults: Faults,
        duty: DutyPhone,
        recognize: Recognize | None = None,
        fallback_url: str | None = None,
        pace: float = 1.0,
    ) -> None:
        """`identity`: the parameters of every webhook of this leg (CallSid, From, To …)."""
        self.leg = leg
        self.trail = trail
        self._wire = wire
        self._identity = dict(identity)
        self._faults = faults
        self._duty = duty
        self._recognize = recognize
        self._fallback = fallback_url
        self._pace = pace
        self._base = ""
        self._status = "in-progress"

    async def run(self, first: Going) -> str:
        """Go through documents from `first`; return what ended it: `hotline` or `end`.

        `end` is a document that ran out: a whispering leg is bridged then, a caller is hung up.

        Raises:
            HungUp, TooLong: see `Leg`.
            CallFailed: a document could not be had or read, and no fallback either.
        """
        going: Going | None = first
        for _ in range(MAX_DOCUMENTS):
            if going is None:
                return "end"
            verbs = await self._document(going)
            going = None
            for verb in verbs:
                if verb.name in ("Hangup", "Reject"):
                    return "hotline"
                going = await self._perform(verb)
                if going is not None:
                    break
        raise CallFailed("the documents go round in circles")

    async def fetch(self, going: Going) -> Fetched:
        """Post for a document, twice at once where that fault is asked for."""
        url = absolute(self._base, going.url)
        form = {**self._identity, "CallStatus": self._status, **going.form}
        token = str(uuid4())
        answer = await self._wire.post(url, form, token=token)
        if self._faults.double_webhooks:
            again = await self._wire.post(url, form, token=token)
            if again.body != answer.body:
                raise CallFailed(f"two answers to one webhook at {url}")
        self._base = url
        return answer

    async def _document(self, going: Going) -> tuple[Verb, ...]:
        answer = await self.leg.meanwhile(self.fetch(going))
        try:
            return self._read(going.url, answer)
        except BadDocument as error:
            if self._fallback is None:
                raise CallFailed(str(error)) from error
            failed = {"ErrorCode": "11200", "ErrorUrl": going.url}
            second = Going(self._fallback, failed)
            answer = await self.leg.meanwhile(self.fetch(second))
            try:
                return self._read(second.url, answer)
            except BadDocument as worse:
                raise CallFailed(str(worse)) from worse

    def _read(self, url: str, answer: Fetched) -> tuple[Verb, ...]:
        verbs: tuple[Verb, ...] = ()
        try:
            if answer.status != 200:
                message = f"11200: {url.split('?')[0]} answered HTTP {answer.status}"
                raise BadDocument(message)
            if answer.kind not in ("text/xml", "application/xml"):
                message = f"12300: {url.split('?')[0]} sent {answer.kind or 'nothing'}, not XML"
                raise BadDocument(message)
            verbs = read(answer.body)
            return verbs
        finally:
            path = "/" + url.split("://")[-1].partition("/")[2]
            names = tuple(verb.name for verb in verbs)
            if not self.trail.documents:
                # Twilio answers the call when the first document has come.
                self.leg.timing.answered(self.leg.clock())
                self.leg.happened(told.Answered(self.leg.now_s, answer.took_s))
            seen = DocumentSeen(path, answer.status, names, answer.took_s, answer.body)
            self.trail.documents.append(seen)
            self.leg.happened(
                told.Fetched(self.leg.now_s, path, answer.status, names, answer.took_s)
            )

    async def _perform(self, verb: Verb) -> Going | None:
        match verb.name:
            case "Play" | "Say":
                await self._queue(verb)
                await self.leg.drain()
            case "Pause":
                await self.leg.stay(verb.number("length", 1))
            case "Redirect":
                return Going(verb.text)
            case "Connect":
                await self._connect(verb)
            case "Gather":
                return await self._gather(verb)
            case "Record":
                return await self._record(verb)
            case "Dial":
                return await self._dial(verb)
            case _:
                raise CallFailed(f"12200: <{verb.name}> is not known")
        return None

    async def _queue(self, verb: Verb) -> None:
        """Queue what a Say, Play or Pause sounds like."""
        if verb.name == "Pause":
            self.leg.playout.add(bytes([mulaw.SILENCE]) * 8000 * verb.number("length", 1))
        elif verb.name == "Say":
            self.leg.received(murmur(verb.text))
        else:
            url = absolute(self._base, verb.text)
            answer = await self.leg.meanwhile(self._wire.get(url))
            if answer.status != 200:
                raise CallFailed(f"12400: recording {url.split('?')[0]}: HTTP {answer.status}")
            self.leg.received(mulaw.encode(wav.read(answer.body)))

    async def _connect(self, verb: Verb) -> None:
        stream = next(child for child in verb.children if child.name == "Stream")
        url = stream.attributes["url"]
        if "?" in url or not url.startswith(("ws://", "wss://")):
            raise CallFailed(f"31923: stream URL {url}")
        parameters = {
            child.attributes["name"]: child.attributes["value"]
            for child in stream.children
            if child.name == "Parameter"
        }
        status_url = stream.attributes.get("statusCallback")
        if self._faults.refuse_stream:
            self.trail.streams.append(StreamReport(ended_by="refused"))
            return
        media = MediaStream(
            self.leg,
            self._identity["CallSid"],
            self._identity["AccountSid"],
            parameters,
            self._faults,
        )
        self.trail.streams.append(media.report)
        await media.run(self._wire, url)
        if status_url and media.report.ended_by == "refused":
            failed = {"StreamEvent": "stream-error", "StreamErrorCode": "31920"}
            await self._wire.post(status_url, {**self._identity, **failed})

    async def _gather(self, verb: Verb) -> Going | None:
        heard = Gathering(self.leg, verb, self._recognize)
        for nested in verb.children:
            await self._queue(nested)
        form = await heard.run()
        if not form and verb.attributes.get("actionOnEmptyResult") != "true":
            return None
        action = verb.attributes.get("action", self._base)
        return Going(action, form or {"Digits": "", "msg": "Gather End"})

    async def _record(self, verb: Verb) -> Going | None:
        taken = Taking(self.leg, verb)
        try:
            length_s = await taken.run()
        except HungUp:
            # What was said until then is kept, and posted with the pseudo-key `hangup`.
            if taken.spoken_s >= _SPEECH_S:
                await self.fetch(self._taken(verb, taken.spoken_s, "hangup"))
            raise
        if length_s < _SPEECH_S:
            return None  # an empty recording: the carrier goes on with the next verb
        return self._taken(verb, length_s, taken.ended_on)

    def _taken(self, verb: Verb, length_s: float, ended_on: str) -> Going:
        self.trail.messages += 1
        self.leg.happened(told.MessageTaken(self.leg.now_s, length_s))
        recording = {
            "RecordingUrl": f"https://recordings.example/RE{uuid4().hex}",
            "RecordingDuration": str(max(1, round(length_s))),
            "Digits": ended_on,
        }
        return Going(verb.attributes.get("action", self._base), recording)

    async def _dial(self, verb: Verb) -> Going | None:
        number = next((child for child in verb.children if child.name == "Number"), verb)
        sid = "CA" + uuid4().hex
        status, bridged = await self._ring(verb, number, sid)
        self.trail.dials.append(status if bridged or status != "completed" else "declined")
        form = {
            "DialCallStatus": status,
            "DialCallSid": sid,
            "DialBridged": str(bridged).lower(),
            "DialCallDuration": str(round(self._duty.talks_s)) if bridged else "0",
        }
        action = verb.attributes.get("action")
        return Going(action, form) if action else None

    async def _ring(self, verb: Verb, number: Verb, sid: str) -> tuple[str, bool]:
        """Return DialCallStatus, and whether caller and duty person were connected."""
        self._duty_does("ringing")
        timeout = verb.number("timeout", 30)
        answers = self._duty.answers_after_s
        if self._duty.busy:
            await self.leg.stay(1.0)
            self._duty_does("busy")
            return "busy", False
        if answers is None or answers >= timeout:
            await self.leg.stay(timeout)
            self._duty_does("no-answer")
            return "no-answer", False
        await self.leg.stay(answers)
        self._duty_does("answered")
        if not await self._whispered(number, sid):
            self._duty_does("hung up")
            return "completed", False
        self._duty_does("bridged")
        await self.leg.stay(self._duty.talks_s)
        self._duty_does("hung up")
        return "completed", True

    async def _whispered(self, number: Verb, sid: str) -> bool:
        """Run the whisper on the staff leg; True where its document ran out: bridged."""
        url = number.attributes.get("url")
        if url is None:
            return True
        script = [Turn(keys=key, wait_s=0.2) for key in self._duty.keys]
        staff = Leg(Caller(script, stay_s=120.0), pace=self._pace)
        identity = {
            **self._identity,
            "CallSid": sid,
            "ParentCallSid": self._identity["CallSid"],
            "To": number.text,
            "Direction": "outbound-dial",
        }
        second = Switching(
            staff,
            self._wire,
            identity,
            self.trail,
            faults=self._faults,
            duty=self._duty,
            pace=self._pace,
        )
        second._base = self._base
        try:
            ended = await self.leg.meanwhile(second.run(Going(url)))
        except HungUp:
            return False
        if self._duty.keys:
            self._duty_does(f"pressed {self._duty.keys}")
        return ended == "end"

    def _duty_does(self, what: str) -> None:
        self.leg.happened(told.DutyPhone(self.leg.now_s, what))
