"""How the carrier takes what a caller gives: `<Gather>` and `<Record>`."""

from collections.abc import Callable

from ivr.phone.caller import KEYS_ONLY, OPEN, Floor
from ivr.phone.leg import Leg
from ivr.phone.speech_stand_in import murmur
from ivr.phone.twiml_reader import Verb

Recognize = Callable[[bytes], str]
"""Mu-law of one turn -> text, as the carrier's recogniser would have it."""


class Gathering:
    """One `<Gather>`: what is detected first, speech or keys, wins."""

    def __init__(self, leg: Leg, verb: Verb, recognize: Recognize | None) -> None:
        self._leg = leg
        self._recognize = recognize
        self._speech = "speech" in verb.attributes.get("input", "dtmf")
        self._keys = "dtmf" in verb.attributes.get("input", "dtmf")
        self._finish = verb.attributes.get("finishOnKey", "#")
        self._count = verb.number("numDigits", 0)
        self._timeout = verb.number("timeout", 5)
        ends = verb.attributes.get("speechTimeout", "auto")
        self._speech_ends = float(ends) if ends.isdigit() else 1.0
        self._digits = ""

    async def run(self) -> dict[str, str]:
        """Return the result's parameters, empty after `timeout` seconds of nothing."""
        floor = Floor(speech=self._speech, keys=self._keys)
        idle_s = 0.0
        while idle_s < self._timeout:
            tick = await self._leg.tick(floor if not self._digits else KEYS_ONLY)
            idle_s = idle_s + 0.02 if self._leg.playout.empty else 0.0
            if tick.doing.digit and self._keys:
                self._leg.playout.clear()
                idle_s = 0.0
                done = self._pressed(tick.doing.digit)
                if done is not None:
                    return done
            elif tick.doing.began is not None and self._speech and not self._digits:
                self._leg.playout.clear()
                return await self._listen(tick.doing.began, ended=tick.doing.ended is not None)
        return self._result("") if self._digits else {}

    def _pressed(self, digit: str) -> dict[str, str] | None:
        if digit in self._finish and self._finish:
            return self._result(digit)
        self._digits += digit
        return self._result("") if self._count and len(self._digits) >= self._count else None

    def _result(self, finished_on: str) -> dict[str, str]:
        return {"Digits": self._digits, "FinishedOnKey": finished_on, "msg": "Gather End"}

    async def _listen(self, turn: int, *, ended: bool) -> dict[str, str]:
        while not ended:
            tick = await self._leg.tick(OPEN)
            ended = tick.doing.ended is not None
        await self._leg.stay(self._speech_ends)
        said = self._leg.person.turns[turn]
        text = said.text
        if text is None:
            text = self._recognize(said.audio) if self._recognize else ""
        if not text:
            return {}
        return {"SpeechResult": text, "Confidence": "0.9", "msg": "Gather End"}


class Taking:
    """One `<Record>`."""

    def __init__(self, leg: Leg, verb: Verb) -> None:
        self._leg = leg
        self._finish = verb.attributes.get("finishOnKey", "1234567890*#")
        self._timeout = verb.number("timeout", 5)
        self._limit = verb.number("maxLength", 3600)
        self.ended_on = ""
        self.spoken_s = 0.0
        """Seconds of message so far, without the silence at its end."""

    async def run(self) -> float:
        """Return the seconds of message, without the silence at its end."""
        self._leg.received(murmur("beep"))
        await self._leg.drain()
        begun = self._leg.now_s
        speaking = False
        while self._leg.now_s - begun < self._limit:
            doing = (await self._leg.tick(OPEN)).doing
            speaking = (speaking or doing.began is not None) and doing.ended is None
            if speaking or doing.ended is not None:
                self.spoken_s = self._leg.now_s - begun
            if doing.digit and doing.digit in self._finish:
                self.ended_on = doing.digit
                break
            if not speaking and self._leg.now_s - begun - self.spoken_s >= self._timeout:
                break
        return self.spoken_s
