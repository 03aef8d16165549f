"""Each answer of the switchboard as a finished document, and the ones that need no switchboard."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final, assert_never
from urllib.parse import quote

from ivr.call.switchboard import (
    Answer,
    AnswerByGather,
    AnswerByPerson,
    AnswerByStream,
    DialPerson,
    Finished,
    whole_seconds,
)
from ivr.dialog.effects import Effect, Say
from ivr.incident.model import CallId, Lang
from ivr.telephony import gather, stream_socket, twiml
from ivr.telephony.prompts import Speaker
from ivr.telephony.signature import PublicAddress
from ivr.telephony.twiml import GatherRules

WHISPER_ROUNDS: Final = 3
"""How often the dialled person may have the card repeated before the next one is tried."""
_DESK_RING_S: Final = 30
_DESK_MESSAGE_S: Final = 120
_WHISPER_WAIT_S: Final = 8


@dataclass(frozen=True, slots=True)
class ProcedureLines:
    """Prompt lines of the telephone procedure itself; they carry no safety advice."""

    apology: str = "K-15"
    leave_message: str = "K-06"
    message_taken: str = "K-07"
    accept: str = "S-02"
    connected: str = "S-03"


class Documents:
    """Makes documents. `desk_number` None: there is no duty phone, a message is taken."""

    def __init__(
        self,
        speaker: Speaker,
        address: PublicAddress,
        *,
        desk_number: str | None,
        caller_id: str | None = None,
        lines: ProcedureLines | None = None,
        langs: tuple[Lang, ...] = ("zh", "en"),
    ) -> None:
        self._speaker = speaker
        self._address = address
        self._base = address.url("/voice")
        self._caller_id = caller_id
        self._lines = lines or ProcedureLines()
        self.langs = langs
        self.desk_number = desk_number
        # Made ahead: what answers when anything else is broken must need nothing.
        self.no_answer = self._no_answer()
        self.message_taken = self._message_taken()
        self.fallback = self.person(desk_number)
        self.hang_up = twiml.document(twiml.hangup())

    def answer(self, answer: Answer, call: CallId) -> bytes:
        """Return the document of a switchboard's answer."""
        match answer:
            case AnswerByStream(token=token):
                return self._stream(token)
            case AnswerByGather():
                urls = gather.TurnUrls(self._base)
                return twiml.document(*gather.verbs(answer, self._speaker, urls))
            case AnswerByPerson(number=number):
                return self.person(number)
            case DialPerson():
                return self._dial(answer, call)
            case Finished():
                return self.hang_up
            case _:
                assert_never(answer)

    def person(self, number: str | None) -> bytes:
        """Return the apology and a person, or a message where there is none."""
        if number is None:
            return twiml.document(*self._all(self._lines.apology), *self._record())
        desk = twiml.dial(
            number,
            timeout_s=_DESK_RING_S,
            action=f"{self._base}/desk",
            caller_id=self._caller_id,
        )
        end = twiml.redirect(f"{self._base}/desk")
        return twiml.document(*self._all(self._lines.apology), desk, end)

    def whisper(self, card: tuple[Effect, ...], call: CallId, turn: int, lang: Lang) -> bytes:
        """Return the card for the dialled person; silence or any other key is a no."""
        turn_verbs = gather.arranged(card)
        spoken = (*turn_verbs.first, *turn_verbs.then)
        nested = [gather.speak(what, self._speaker) for what in spoken]
        keys = GatherRules("dtmf", _WHISPER_WAIT_S, 1, digits=1)
        action = f"{self._base}/whisper?call={quote(call, safe='')}&turn={turn}"
        question = twiml.gather(action, keys, nested, lang, self._speaker.style)
        return twiml.document(question, twiml.hangup())

    def whisper_without_card(self, call: CallId) -> bytes:
        """Return the question to the dialled person where the card cannot be made."""
        lang = self.langs[0]
        return self.whisper((Say(self._lines.accept, lang),), call, WHISPER_ROUNDS, lang)

    def put_through(self, lang: Lang) -> bytes:
        """Return the end of the whisper. It ends bare on purpose: the end of the document is what
        bridges the two legs, a `<Hangup>` would refuse the caller."""
        return twiml.document(self._speaker.line(self._lines.connected, lang))

    def _stream(self, token: str) -> bytes:
        socket = self._address.socket_url(stream_socket.PATH)
        status = f"{self._base}/stream-status"
        behind = twiml.redirect(f"{self._base}/continue")
        return twiml.document(twiml.connect_stream(socket, status, token), behind)

    def _dial(self, answer: DialPerson, call: CallId) -> bytes:
        turn = gather.arranged(answer.prelude)
        spoken = [gather.speak(what, self._speaker) for what in (*turn.first, *turn.then)]
        leg = twiml.dial(
            answer.number,
            timeout_s=whole_seconds(answer.timeout_s),
            action=f"{self._base}/dialled",
            whisper=f"{self._base}/whisper?call={quote(call, safe='')}",
            caller_id=self._caller_id,
        )
        # Behind a <Dial> with an action nothing is reached; the end is said all the same.
        return twiml.document(*spoken, leg, twiml.redirect(f"{self._base}/dialled"))

    def _no_answer(self) -> bytes:
        return twiml.document(*self._record())

    def _message_taken(self) -> bytes:
        return twiml.document(*self._all(self._lines.message_taken), twiml.hangup())

    def _record(self) -> list[ET.Element]:
        action = f"{self._base}/message"
        ask = self._all(self._lines.leave_message)
        return [*ask, twiml.record(action, _DESK_MESSAGE_S), twiml.redirect(action)]

    def _all(self, line: str) -> list[ET.Element]:
        """Return `line` in every language: who is on the line is not known here."""
        return [self._speaker.line(line, lang) for lang in self.langs]
