"""Mend what the recogniser made of an address, by its sound, before the place grammar reads it.

Only beside a place word, sign for sign: a number may take the place of a sign only where "building",
"unit", "floor" or "room" follows by sound, because everywhere else four, ten and "is" are one.
"""

import re
from functools import lru_cache

from ivr.nlu.lexicon import LanguagePack
from ivr.nlu.sounds import distance, fold, spelling

NUMBER_LIMIT = 0.3
ANCHOR_LIMIT = 0.3
_HAN = re.compile(r"[\u3400-\u9fff]")


@lru_cache(maxsize=2048)
def _fold_of(char: str) -> str:
    return fold(spelling(char)) if _HAN.match(char) else ""


def repaired(text: str, pack: LanguagePack) -> str:
    """The text with place words and their numbers mended; same length."""
    if pack.common.words or not pack.places.anchors:
        return text
    text = _shaped(text, pack)
    signs = list(text)
    for sounds, word in sorted(pack.places.anchors.items(), key=lambda item: -len(item[1])):
        wanted = sounds.split()
        for start in range(1, len(signs) - len(wanted) + 1):
            if "".join(signs[start : start + len(wanted)]) == word:
                _mend_number(signs, start, pack)
            elif _sounds_like(
                signs[start : start + len(wanted)], wanted, pack.places.not_anchors
            ) and _number_at(signs, start - 1, pack, len(word) > 1):
                signs[start : start + len(wanted)] = word
                _mend_number(signs, start, pack)
    return "".join(signs)


def _sounds_like(signs: list[str], wanted: list[str], everyday: list[str]) -> bool:
    if any(not _HAN.match(sign) for sign in signs) or "".join(signs) in everyday:
        return False
    apart = [
        distance(_fold_of(sign), syllable) for sign, syllable in zip(signs, wanted, strict=True)
    ]
    return sum(apart) <= (ANCHOR_LIMIT if len(wanted) > 1 else 0.0)


def _number_at(signs: list[str], at: int, pack: LanguagePack, loose: bool) -> bool:
    """A number sign stands there, or something that sounds like one."""
    sign = signs[at]
    if sign in pack.numbers.signs or (sign.isascii() and sign.isalnum()):
        return True
    return _as_number(sign, pack, loose) is not None


def _as_number(sign: str, pack: LanguagePack, loose: bool) -> str | None:
    if not _HAN.match(sign):
        return None
    heard = spelling(sign)
    for number in pack.numbers.signs:
        if spelling(number) == heard:
            return number
    if not loose:
        return None
    best = min(pack.numbers.signs, key=lambda number: distance(_fold_of(number), fold(heard)))
    return best if distance(_fold_of(best), fold(heard)) <= NUMBER_LIMIT else None


def _mend_number(signs: list[str], anchor: int, pack: LanguagePack) -> None:
    """Signs directly before a place word become numbers, as long as they sound like numbers."""
    at = anchor - 1
    steps = 0
    while at >= 0 and steps < 3:
        sign = signs[at]
        if not (sign in pack.numbers.signs or (sign.isascii() and sign.isalnum())):
            if (
                steps
                or "".join(signs[max(0, at - 1) : at + 1]) in pack.places.not_numbers
                or sign in pack.places.not_numbers
            ):
                return
            number = _as_number(sign, pack, loose=False)
            if number is None:
                return
            signs[at] = number
        at -= 1
        steps += 1


def _shaped(text: str, pack: LanguagePack) -> str:
    """Whole addresses that only sound like one ("wu dong yi dan yuan"), written as one."""
    if not pack.places.shapes:
        return text
    codes = "".join(_code(sign, pack) for sign in text)
    signs = list(text)
    for shape in pack.places.shapes:
        for match in re.finditer(shape, codes):
            for at in range(*match.span()):
                if codes[at] in "#~":
                    signs[at] = _digit_by_sound(signs[at], pack, loose=True) or signs[at]
                elif codes[at] not in "0-":
                    signs[at] = codes[at]
    return "".join(signs)


def _code(sign: str, pack: LanguagePack) -> str:
    if sign in pack.numbers.signs or (sign.isascii() and sign.isdigit()):
        return "0"
    if not _HAN.match(sign):
        return sign
    word = pack.places.shape_sounds.get(_fold_of(sign))
    if word is not None:
        return word
    if _digit_by_sound(sign, pack, loose=False):
        return "#"
    return "~" if _digit_by_sound(sign, pack, loose=True) else sign


def _digit_by_sound(sign: str, pack: LanguagePack, *, loose: bool) -> str | None:
    """The digit a sign sounds like; never a scale: "ten" sounds like "is"."""
    heard = _fold_of(sign)
    digits = [number for number in pack.numbers.digits if _HAN.match(number)]
    if not loose:
        return next((n for n in digits if spelling(n) == spelling(sign)), None)
    best = min(digits, key=lambda number: distance(_fold_of(number), heard))
    apart = distance(_fold_of(best), heard)
    return best if apart <= NUMBER_LIMIT else None
