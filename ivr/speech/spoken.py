"""How numbers and places are said. Pure: the words themselves are data (`spoken.yaml`).

A digit string in a prompt is a quantity ("20 minutes"), a service number (119) or the
number of a room; people say these three differently, and a synthesizer guesses wrongly
(espeak reads room 501 as "five hundred and one", speech note 3.1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NUMBER = re.compile(r"\d+")
_PLACE_TOKEN = re.compile(r"\d+|[A-Za-z]|[-\u2013]|[^\dA-Za-z\s-]+")
PLACE_FIELDS = ("building", "unit", "floor", "room")
_LONGEST_QUANTITY = 2  # digits; a longer number is read digit by digit unless it measures
_PLACES = (1000, 100)


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """The words of one language from which numbers and places are put together."""

    lang: str
    digits: tuple[str, ...]
    """zero to nine, as counted"""
    run_digits: tuple[str, ...]
    """zero to nine inside a number read digit by digit (telephone and room numbers)"""
    small: tuple[str, ...]
    """zero to nineteen"""
    tens: tuple[str, ...]
    """index = the tens digit, 0 and 1 unused"""
    hundred: str
    thousand: str
    zero_between: str
    """said for the empty place in 105; empty where nothing is said"""
    joint: str
    """what stands between two words of a number: nothing or a space"""
    pair: str
    """two, when things are counted"""
    counted: tuple[str, ...]
    """measure words before which two is said as `pair`"""
    measures: tuple[str, ...]
    """words that make the number before them a quantity, however long it is"""
    abbreviations: Mapping[str, str]
    """short unit after a number -> how it is said"""
    dash: str
    minus_floor: str
    """pattern for a floor under the ground, with {n}"""
    place: Mapping[str, str]
    """field -> pattern with {n}"""
    letters: str
    """pattern for one letter inside a place"""
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """field -> first and last number that has a rendered piece"""
    lettered: Mapping[str, str] = field(default_factory=dict)
    """field -> letters that have a rendered piece"""
    digit_pairs: bool = False
    """whether two digits together have a rendered piece too: less choppy room numbers"""
    more_pieces: tuple[str, ...] = ()
    """further words worth a rendered piece"""
    lines: Mapping[str, str] = field(default_factory=dict)
    """line id -> other spelling that is understood better; same sounds, other breaths"""
    foreign: Mapping[str, str] = field(default_factory=dict)
    """line id -> language of a line that is not in this language"""
    pronounce: Mapping[str, str] = field(default_factory=dict)
    """word -> phonemes, where the dictionary is wrong for us"""


def digit_run(number: str, words: SpokenWords) -> str:
    """Read digit by digit, the way service and room numbers are read."""
    return words.joint.join(words.run_digits[int(digit)] for digit in number)


def cardinal(number: int, words: SpokenWords) -> str:
    """A quantity from 0 to 9999 as it is counted; beyond that digit by digit."""
    if not 0 <= number <= 9999:
        return digit_run(str(abs(number)), words)
    if number < 20:
        return words.small[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return words.tens[ten] + (words.joint + words.digits[one] if one else "")
    place, name = (1000, words.thousand) if number >= 1000 else (100, words.hundred)
    count, rest = divmod(number, place)
    said = [words.digits[count], name]
    if rest:
        if rest < place // 10 and words.zero_between:
            said.append(words.zero_between)
        said.append(_after_hundred(rest, words))
    return words.joint.join(said)


def _after_hundred(rest: int, words: SpokenWords) -> str:
    """In Mandarin 112 is "one hundred one ten two": the ten keeps its one."""
    said = cardinal(rest, words)
    return words.digits[1] + said if words.zero_between and 10 <= rest < 20 else said


def say(text: str, words: SpokenWords) -> str:
    """Write every number of a text as people say it; text without digits is unchanged."""
    said: list[str] = []
    at = 0
    for number in _NUMBER.finditer(text):
        said.append(text[at : number.start()])
        at = number.end()
        unit = _unit_after(text[at:], words.abbreviations)
        if unit is not None:
            at += len(unit)
        follows = words.abbreviations[unit.strip()] if unit is not None else text[at:]
        said.append(_number(number.group(), follows.strip(), words))
        if unit is not None:
            said.append(f" {follows}")
    said.append(text[at:])
    return "".join(said)


def _unit_after(rest: str, abbreviations: Mapping[str, str]) -> str | None:
    found = re.match(r"\s?([A-Za-z]+)\b", rest)
    return found.group() if found and found.group(1) in abbreviations else None


def _number(number: str, follows: str, words: SpokenWords) -> str:
    measures = any(follows.startswith(measure) for measure in words.measures)
    if len(number) > _LONGEST_QUANTITY and not measures:
        return digit_run(number, words)
    if number.startswith("0") and len(number) > 1:
        return digit_run(number, words)
    if int(number) == 2 and any(follows.startswith(counted) for counted in words.counted):
        return words.pair
    return cardinal(int(number), words)


def place_words(place: Mapping[str, str | None], words: SpokenWords) -> tuple[str, ...]:
    """The words of a place read-back, one per part, in the order people say them.

    `place` has optional keys building, unit, floor, room and landmark; values as in the
    incident ("3", "A", "15-2", floor "-2"). What is not known is left out; a landmark
    is said as it was given.
    """
    said = []
    for name in PLACE_FIELDS:
        value = (place.get(name) or "").strip()
        if value:
            said.append(_place_word(name, value, words))
    landmark = (place.get("landmark") or "").strip()
    if landmark:
        said.append(say(landmark, words))
    return tuple(said)


def _place_word(name: str, value: str, words: SpokenWords) -> str:
    if name == "floor" and value.startswith("-") and value[1:].isdigit():
        return words.minus_floor.format(n=_place_value(name, value[1:], words))
    return words.place[name].format(n=_place_value(name, value, words))


def _place_value(name: str, value: str, words: SpokenWords) -> str:
    said = []
    for part in _PLACE_TOKEN.findall(value):
        if part.isdigit():
            long = name == "room" or len(part) > _LONGEST_QUANTITY
            said.append(digit_run(part, words) if long else cardinal(int(part), words))
        elif part in "-\u2013":
            said.append(words.dash)
        elif part.isascii():
            said.append(words.letters.format(letter=part.upper()))
        else:
            said.append(part)
    return words.joint.join(said)


def language_of(text: str, lang: str) -> str:
    """`lang`, except that a text in Latin letters alone is spoken in English."""
    return "en" if text.isascii() and any(c.isalpha() for c in text) else lang


def speakable(text: str) -> bool:
    """Whether a voice can make any sound of it: a letter or a digit in any script."""
    return any(c.isalnum() for c in text)


def split(text: str, longest: int) -> tuple[str, ...]:
    """Cut a long text at its breaths into parts of at most `longest` characters."""
    parts, current = [], ""
    for breath in re.findall(r"[^,.!?;:\uff0c\u3002\uff01\uff1f\uff1b\uff1a\u3001\n]+.?|.", text):
        for piece in (breath[i : i + longest] for i in range(0, len(breath), longest)):
            if current and len(current) + len(piece) > longest:
                parts.append(current)
                current = ""
            current += piece
    if current:
        parts.append(current)
    return tuple(part for part in parts if speakable(part))


def pieces_of(word: str, known: frozenset[str] | Mapping[str, object]) -> tuple[str, ...] | None:
    """Split a word into known pieces, longest first; None when a rest has no piece."""
    if word in known:
        return (word,)
    longest = max((len(piece) for piece in known), default=0)
    found, rest = [], word
    while rest:
        sizes = range(min(longest, len(rest)), 0, -1)
        piece = next((rest[:size] for size in sizes if rest[:size].strip() in known), None)
        if piece is None:
            return None
        found.append(piece.strip())
        rest = rest[len(piece) :].lstrip()
    return tuple(found)


def all_pieces(words: SpokenWords) -> tuple[str, ...]:
    """Every piece a place read-back of this language is joined from, each once."""
    pieces: dict[str, None] = {}
    for name, (first, last) in words.ranges.items():
        for number in range(first, last + 1):
            if name != "floor" or number != 0:
                pieces[_place_word(name, str(number), words)] = None
    for name, letters in words.lettered.items():
        for letter in letters:
            pieces[_place_word(name, letter, words)] = None
    room = words.place["room"].format(n="").strip()
    if room:
        pieces[room] = None
    for first_digit in "0123456789":
        pieces[digit_run(first_digit, words)] = None
        for second_digit in "0123456789" if words.digit_pairs else "":
            pieces[digit_run(first_digit + second_digit, words)] = None
    pieces.update(dict.fromkeys(words.more_pieces))
    return tuple(pieces)
