"""The webhook path: the engine's effects as one document, the carrier's form as one turn. Pure."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from ivr.call.switchboard import AnswerByGather, GatherTurn, whole_seconds
from ivr.dialog.effects import (
    AmendIncident,
    CancelTimer,
    Effect,
    Expecting,
    HangUp,
    Listen,
    Note,
    OpenIncident,
    Say,
    SayPlace,
    StartTimer,
    StopSpeaking,
    TakeMessage,
    Transfer,
)
from ivr.telephony import twiml
from ivr.telephony.prompts import Speaker
from ivr.telephony.twiml import GatherRules

DEFAULT_WAIT_S: Final = 6.0
"""Silence before an empty turn where no timer of the engine runs."""

_SPEECH_ENDS_S: Final[Mapping[Expecting, int]] = {
    "yes_no": 1,
    "keys": 1,
    "nothing": 1,
    "open": 2,
    "place": 2,
    "number": 2,
}
"""A pause inside an address is not the end of it; a "yes" has none."""

Spoken = Say | SayPlace
Ending = HangUp | TakeMessage | Transfer


@dataclass(frozen=True, slots=True)
class Turn:
    """What a list of effects comes to in one document."""

    first: tuple[Spoken, ...]
    """Played to the end whatever the caller does: up to the last uninterruptible line."""
    then: tuple[Spoken, ...]
    """Inside the `<Gather>`: speech or a key cuts them off."""
    listen: Listen | None
    ending: Ending | None
    wait_s: float | None
    """Seconds until the soonest timer these effects leave running."""


def arranged(effects: tuple[Effect, ...]) -> Turn:
    """Sort effects into what a document can do. What the shell performs itself is left out."""
    spoken: list[Spoken] = []
    timers: dict[str, float] = {}
    listen: Listen | None = None
    ending: Ending | None = None
    for effect in effects:
        match effect:
            case Say() | SayPlace():
                spoken.append(effect)
            case Listen():
                listen = effect
            case StartTimer(timer=name, after_s=seconds):
                timers[name] = seconds
            case CancelTimer(timer=name):
                timers.pop(name, None)
            case HangUp() | TakeMessage() | Transfer():
                ending = effect
            case StopSpeaking() | OpenIncident() | AmendIncident() | Note():
                pass  # a new document has stopped the old one; the rest is the switchboard's
            case _:
                assert_never(effect)
    held = [at for at, what in enumerate(spoken) if isinstance(what, Say) and not what.barge_in]
    cut = held[-1] + 1 if held else 0
    return Turn(
        first=tuple(spoken[:cut]),
        then=tuple(spoken[cut:]),
        listen=listen,
        ending=ending,
        wait_s=min(timers.values(), default=None),
    )


def verbs(answer: AnswerByGather, speaker: Speaker, urls: "TurnUrls") -> list[ET.Element]:
    """Return the verbs of one turn; the last one always leads somewhere."""
    turn = arranged(answer.effects)
    first = [speak(what, speaker) for what in turn.first]
    then = [speak(what, speaker) for what in turn.then]
    match turn.ending:
        case HangUp():
            return [*first, *then, twiml.hangup()]
        case TakeMessage(max_s=seconds):
            message = urls.message(answer.turn)
            taken = twiml.record(message, whole_seconds(seconds))
            return [*first, *then, taken, twiml.redirect(message)]
        case Transfer():
            # A transfer is the switchboard's `DialPerson`; asked here, it is asked to decide.
            return [*first, *then, twiml.redirect(urls.resume)]
        case None:
            wait = answer.wait_s if answer.wait_s is not None else turn.wait_s
            question = twiml.gather(
                urls.gather(answer.turn),
                rules(turn.listen, DEFAULT_WAIT_S if wait is None else wait),
                then,
                answer.lang,
                speaker.style,
            )
            # Reached only if the carrier does not know actionOnEmptyResult (surveda#324).
            return [*first, question, twiml.redirect(urls.gather(answer.turn))]
        case _:
            assert_never(turn.ending)


def rules(listen: Listen | None, wait_s: float) -> GatherRules:
    """Return how to listen. Without a question keys are still heard: 0 is a person at any time."""
    expecting: Expecting = listen.expecting if listen else "nothing"
    keys_only = expecting in ("keys", "nothing")
    return GatherRules(
        input="dtmf" if keys_only else "dtmf speech",
        timeout_s=whole_seconds(wait_s),
        speech_timeout_s=_SPEECH_ENDS_S[expecting],
        digits=1 if expecting == "nothing" else (listen.key_count if listen else None),
    )


@dataclass(frozen=True, slots=True)
class TurnUrls:
    """Absolute addresses of what follows a turn."""

    base: str
    """`…/voice`"""

    @property
    def resume(self) -> str:
        return f"{self.base}/continue"

    def gather(self, turn: int) -> str:
        return f"{self.base}/gather?turn={turn}"

    def message(self, turn: int) -> str:
        return f"{self.base}/message?turn={turn}"


def turn_of(form: Mapping[str, str], turn: int) -> GatherTurn:
    """Return what a `<Gather>` or `<Record>` brought. Odd values count as not sent."""
    digits = form.get("Digits", "")
    if digits.lower() == "hangup":  # <Record> says so when the caller rang off
        digits = ""
    finished = form.get("FinishedOnKey", "")
    return GatherTurn(
        turn=turn,
        speech=form.get("SpeechResult") or None,
        confidence=_confidence(form.get("Confidence")),
        digits="".join(key for key in digits if key in "0123456789*#"),
        finished_on=finished if len(finished) == 1 and finished in "0123456789*#" else None,
        recording=form.get("RecordingUrl") or None,
    )


def _confidence(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.0 else None


def speak(what: Spoken, speaker: Speaker) -> ET.Element:
    """Return the verb of one spoken effect."""
    match what:
        case Say(line=line, lang=lang, slow=slow):
            return speaker.line(line, lang, slow)
        case SayPlace(place=place, lang=lang, slow=slow):
            return speaker.place(place, lang, slow)
        case _:
            assert_never(what)
