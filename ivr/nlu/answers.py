"""Read a turn as the answer to one question. Never invents: what was not said is not filled."""

import re

from ivr.incident.model import Lang, Reason
from ivr.nlu.cues import find
from ivr.nlu.estate import Estate
from ivr.nlu.lexicon import LanguagePack, Lexicon
from ivr.nlu.numbers import read_signs, read_words
from ivr.nlu.persons import name_and_phone, people
from ivr.nlu.places import KEYS, bare_place, place_slots
from ivr.nlu.repair import repaired
from ivr.nlu.text import BREAK, clean
from ivr.nlu.understanding import Answer, Expects, Heard
from ivr.nlu.weighing import facts_of

SURE = 0.7
"""Strength from which a cue sets a fact in an answer: nothing is invented from a likeness."""
NEVER_FREE = ("name", "phone", "people_inside", "lift_no", "vehicle_plate")


def answer(
    turn: Heard, expects: Expects, lexicon: Lexicon, *, lang: Lang, estate: Estate | None = None
) -> Answer:
    """Read `turn` as the answer to the question `expects`.

    Slots of a place, people, name and phone are read wherever they are said; a plain yes or no sets
    what the question's yes or no means; `text` slots take the caller's cleaned words when nothing
    else fits. "Don't know" sets "unsure" where the fact allows it, and counts as understood.
    """
    pack = lexicon.packs[lang]
    said = clean(turn.text)
    text = repaired(said.text, pack)
    reading = _Reading(text, expects, lexicon, pack)
    reading.places(estate)
    reading.cues()
    reading.replies()
    reading.plain()
    reading.number()
    reading.free()
    return reading.answer()


class _Reading:
    def __init__(self, text: str, expects: Expects, lexicon: Lexicon, pack: LanguagePack) -> None:
        self._text, self._expects, self._lexicon, self._pack = text, expects, lexicon, pack
        self._slots: dict[str, str] = {}
        self._facts: dict[str, str] = {}
        self._reasons: list[Reason] = []
        self._yes: bool | None = None
        self._unsure = False
        self._correction = bool(pack.answers["correct"].search(text))

    def places(self, estate: Estate | None) -> None:
        found: dict[str, str] = {}
        if "building" in self._expects.slots:
            found = bare_place(self._stripped(), self._pack)
        found = found or place_slots([self._text], [[]], self._pack)
        if not found and set(self._expects.slots) & set(KEYS):
            found = self._bare_place()
        if estate is not None:
            found, _ = estate.repair(found)
        count = people(self._text, self._pack)
        if count is not None:
            found["people"] = count
        found.update(name_and_phone(self._text, self._pack))
        for key, value in found.items():
            self._slots[key] = value
            self._reasons.append(Reason(f"slot.{key}={value}", "place grammar", value))

    def _bare_place(self) -> dict[str, str]:
        """ "twelve", "1204", "three two 1204" as an answer to where."""
        bare = self._stripped()
        line = read_words(bare, self._pack.numbers) if self._pack.common.words else bare
        digits = line if re.fullmatch(r"-?\d+", line) else None
        if digits is None and not self._pack.common.words:
            digits = read_signs(bare, self._pack.numbers)
        if digits is None:
            return {}
        open_keys = [k for k in KEYS if k in self._expects.slots]
        wanted = (
            "room"
            if len(digits.lstrip("-")) >= 3 and "room" in open_keys
            else (open_keys or [""])[0]
        )
        return {wanted: digits} if wanted and wanted != "landmark" else {}

    def cues(self) -> None:
        hits = find(self._text, self._pack)
        asserted = [h for h in hits if not h.denied and h.strength >= SURE]
        found = facts_of(asserted, self._lexicon, asked=self._expects.slots)
        for fact, value in found.items():
            self._facts[fact] = value
            self._reasons.append(Reason(f"fact {fact}={value}", "cue", self._text))
        for hit in hits:
            if hit.denied:
                for fact in hit.cue.entry.facts:
                    no = self._pack.common.yes_means.get(fact, {}).get("no")
                    if fact in self._expects.slots and no and fact not in self._facts:
                        self._facts[fact] = no
                        self._reasons.append(
                            Reason(f"fact {fact}={no}", f"denied {hit.cue.id}", hit.span)
                        )

    def replies(self) -> None:
        for fact, value, pattern in self._pack.replies:
            found = pattern.search(self._text)
            if found and fact in self._expects.slots:
                self._facts[fact] = value
                self._reasons.append(Reason(f"fact {fact}={value}", "reply", found.group()))

    def plain(self) -> None:
        """A plain yes, no or don't know."""
        answers = self._pack.answers
        if answers["unsure"].search(self._text):
            self._unsure = True
            self._means("unsure")
            return
        no, yes = answers["no"].search(self._text), answers["yes"].search(self._text)
        if no is None and yes is None:
            return
        self._yes = no is None or (yes is not None and yes.start() < no.start())
        self._means("yes" if self._yes else "no")

    def _means(self, which: str) -> None:
        for slot in self._expects.slots:
            value = self._pack.common.yes_means.get(slot, {}).get(which)
            if value and slot not in self._facts and slot not in self._slots:
                if slot == "people":
                    continue
                self._facts[slot] = value
                self._reasons.append(Reason(f"fact {slot}={value}", f"plain {which}", self._text))

    def number(self) -> None:
        if "people" in self._expects.slots and "people" not in self._slots:
            bare = self._stripped()
            line = read_words(bare, self._pack.numbers) if self._pack.common.words else bare
            digits = line if line.isdigit() else None
            if digits is None and not self._pack.common.words and len(bare) <= 3:
                digits = read_signs(bare, self._pack.numbers)
            if digits and digits.isdigit() and int(digits) < 200:
                self._slots["people"] = digits

    def free(self) -> None:
        """Words of the caller for slots that take any text."""
        if self._yes is not None or self._unsure:
            return
        words = self._stripped()
        chosen = any(slot in self._facts for slot in self._expects.slots)
        for slot in self._expects.slots:
            known = self._lexicon.allowed.get(slot, {})
            values = known.get("values") if isinstance(known, dict) else None
            free = values == "text" or (isinstance(values, list) and "text" in values)
            taken = slot in self._facts or slot in self._slots or slot in (*KEYS, *NEVER_FREE)
            if free and not taken and not chosen and len(words) >= 2:
                self._facts[slot] = words
                self._reasons.append(Reason(f"fact {slot}={words}", "free words", words))

    def _stripped(self) -> str:
        return self._pack.answers["fillers"].sub("", self._text).strip(" " + BREAK)

    def answer(self) -> Answer:
        asked = set(self._expects.slots)
        got = asked & (set(self._slots) | set(self._facts))
        understood = bool(got) or self._yes is not None or self._unsure
        if not asked and self._expects.kind == "open":
            understood = bool(self._stripped())
        return Answer(
            understood, self._slots, self._facts, self._yes, self._correction, tuple(self._reasons)
        )
