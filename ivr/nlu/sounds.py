"""How it sounds: one symbol per syllable, tones dropped and look-alikes folded together.

The recogniser hears the sounds and picks the wrong characters (speech.md section 1: 34 % wrong
characters, 14 % wrong folded syllables), so cues are compared in this space as well. Numbers never
are: folding would make four, ten and "room" one sound.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_FIRST_SYMBOL = 0xE000
_SYLLABLES: dict[str, str] = {}
_SPELLED: dict[str, str] = {}
_HAN = re.compile(r"[\u3400-\u9fff]")
_INITIAL = re.compile(r"^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(.*)$")
_FOLDED = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l"}
_CLOSE_INITIALS = [
    set("bp"),
    set("dt"),
    set("gkh"),
    set("jqx"),
    set("zcs"),
    set("zcjqsx"),
    set("mln"),
    {"w", ""},
    {"y", ""},
    {"f", "h", "w"},
]
_CLOSE_FINALS = [
    {"an", "en", "ian", "uan", "van", "in", "un"},
    {"e", "a", "o", "uo", "ou"},
    {"i", "ei", "ui", "v", "ie"},
    {"ao", "ou", "iao", "iu"},
    {"u", "ou", "v", "o"},
    {"ai", "ei", "uai"},
    {"on", "en", "un", "ou"},
    {"a", "an", "ia", "ua", "ai"},
]


@lru_cache(maxsize=8192)
def spelling(char: str) -> str:
    """Toneless pinyin of one character, most frequent reading."""
    return lazy_pinyin(char, style=Style.NORMAL)[0]


def fold(syllable: str) -> str:
    """zh/z ch/c sh/s n/l r/l hu/f -ng/-n fall together."""
    if syllable.startswith("hu"):
        syllable = {"hu": "fu", "huo": "fo", "hui": "fei", "hun": "fen"}.get(
            syllable, "f" + syllable[2:]
        )
    found = _INITIAL.match(syllable)
    assert found is not None  # noqa: S101
    initial, final = found.group(1) or "", found.group(2)
    if final.endswith("ng"):
        final = final[:-1]
    return _FOLDED.get(initial, initial) + final


def symbol(folded: str) -> str:
    """The one character that stands for a folded syllable."""
    if folded not in _SYLLABLES:
        made = chr(_FIRST_SYMBOL + len(_SYLLABLES))
        _SYLLABLES[folded] = made
        _SPELLED[made] = folded
    return _SYLLABLES[folded]


def spelled(made: str) -> str:
    """The folded syllable behind a symbol."""
    return _SPELLED.get(made, made)


class Sounds:
    """Characters to symbols; `readings` mends characters whose usual reading is not the one meant."""

    def __init__(self, readings: Mapping[str, str]) -> None:
        self._known: dict[str, str] = {c: symbol(fold(s)) for c, s in readings.items()}

    def of(self, char: str) -> str:
        """Symbol of a character; whatever is not Chinese stays itself."""
        known = self._known.get(char)
        if known is None:
            known = symbol(fold(spelling(char))) if _HAN.match(char) else char
            self._known[char] = known
        return known

    def line(self, text: str) -> str:
        """Same length as `text`: spans fit both."""
        return "".join(map(self.of, text))


@lru_cache(maxsize=65536)
def distance(one: str, other: str) -> float:
    """How unlike two folded syllables sound: 0 same … 1 nothing in common."""
    if one == other:
        return 0.0
    first, second = _INITIAL.match(one), _INITIAL.match(other)
    assert first is not None and second is not None  # noqa: S101
    initial = _apart(first.group(1) or "", second.group(1) or "", _CLOSE_INITIALS)
    final = _apart(first.group(2), second.group(2), _CLOSE_FINALS)
    return min(1.0, initial * 0.5 + final * 0.5)


def _apart(one: str, other: str, close: list[set[str]]) -> float:
    if one == other:
        return 0.0
    return 0.5 if any(one in group and other in group for group in close) else 1.0
