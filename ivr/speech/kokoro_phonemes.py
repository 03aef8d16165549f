"""Text to the phonemes Kokoro v1.0 was trained on: misaki's, without spaCy or espeak.

Mandarin goes through misaki's own `ZHG2P`; English words are looked up in misaki's
dictionaries (its tagger needs spaCy, whose models are not on PyPI).
"""

import importlib.resources
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

_RUN = re.compile(r"(?P<latin>[A-Za-z][A-Za-z0-9' -]*)|(?P<other>[^A-Za-z]+)")
_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*|[;:,.!?]")
_PRIMARY, _SECONDARY = "ˈ", "ˌ"
_VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ")
_FLAP_AFTER = frozenset("AIOWYiuæɑəɛɪɹʊʌ")
# misaki's special cases that depend on the word which follows (en.py, get_special_case)
_BEFORE_VOWEL = {"the": ("ðə", "ði"), "to": ("tə", "tʊ"), "a": ("ɐ", "ɐ"), "an": ("ɐn", "ɐn")}
# one letter of the alphabet when a word is in no dictionary: letter -> rough sound
_LETTER_SOUNDS = {
    "a": "æ", "b": "b", "c": "k", "d": "d", "e": "ɛ", "f": "f", "g": "ɡ", "h": "h", "i": "ɪ",
    "j": "ʤ", "k": "k", "l": "l", "m": "m", "n": "n", "o": "ɑ", "p": "p", "q": "k", "r": "ɹ",
    "s": "s", "t": "t", "u": "ʌ", "v": "v", "w": "w", "x": "ks", "y": "i", "z": "z",
}  # fmt: skip
_WIDE_MARKS = str.maketrans(",!?:;", "\uff0c\uff01\uff1f\uff1a\uff1b")
_LETTER_PAIRS = {"sh": "ʃ", "ch": "ʧ", "th": "θ", "zh": "ʤ", "ng": "ŋ", "ee": "i", "oo": "u"}


class _Mandarin(Protocol):
    def __call__(self, text: str) -> tuple[str, None]: ...


@cache
def _mandarin() -> _Mandarin:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    from misaki.zh import ZHG2P

    g2p: _Mandarin = ZHG2P()
    return g2p


@dataclass(frozen=True, slots=True)
class EnglishWords:
    """misaki's US dictionaries; `own` holds our corrections and wins."""

    gold: Mapping[str, str | Mapping[str, str | None]]
    silver: Mapping[str, str]
    own: Mapping[str, str]

    def look_up(self, word: str) -> str | None:
        """Phonemes of a word as it stands in a dictionary, or None."""
        for book in (self.own, self.gold, self.silver):
            for spelling in (word, word.lower(), word.capitalize()):
                found = book.get(spelling)
                if isinstance(found, str):
                    return found
                if found is not None:
                    return found["DEFAULT"]
        return None

    def sound(self, word: str) -> str:
        """Phonemes of any word: dictionary, ending, compound, initials, else letter by letter."""
        found = self.look_up(word) or _with_ending(self, word.lower())
        if found is None and (word.isupper() or len(word) == 1):
            found = self.spell(word)
        return found or _compound(self, word.lower()) or _letter_sounds(word.lower())

    def spell(self, letters: str) -> str:
        """The names of the letters, one after the other, each stressed."""
        return " ".join(self.look_up(letter.upper()) or "" for letter in letters)


@cache
def _books() -> tuple[Mapping[str, str | Mapping[str, str | None]], Mapping[str, str]]:
    data = importlib.resources.files("misaki.data")
    gold = json.loads((data / "us_gold.json").read_text(encoding="utf-8"))
    silver = json.loads((data / "us_silver.json").read_text(encoding="utf-8"))
    return gold, silver


def english_words(own: Mapping[str, str]) -> EnglishWords:
    """The dictionaries with our own corrections (word in lower case -> phonemes)."""
    gold, silver = _books()
    return EnglishWords(gold, silver, own)


def _with_ending(words: EnglishWords, word: str) -> str | None:
    for ending, voice in (("'s", _plural), ("s", _plural), ("ed", _past), ("ing", _present)):
        if not word.endswith(ending) or len(word) < len(ending) + 2:
            continue
        stem = word.removesuffix(ending)
        for spelling in (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem):
            found = words.look_up(spelling)
            if found is not None:
                return voice(found)
    if word.endswith("es") and (found := words.look_up(word[:-2])) is not None:
        return _plural(found)
    if word.endswith("ies") and (found := words.look_up(word[:-3] + "y")) is not None:
        return _plural(found)
    return None


def _plural(stem: str) -> str:
    if stem[-1] in "ptkfθ":
        return stem + "s"
    return stem + ("ᵻz" if stem[-1] in "szʃʒʧʤ" else "z")


def _past(stem: str) -> str:
    if stem[-1] in "pkfθʃsʧ":
        return stem + "t"
    if stem[-1] == "t" and stem[-2:-1] and stem[-2] in _FLAP_AFTER:
        return stem[:-1] + "ɾᵻd"
    return stem + ("ᵻd" if stem[-1] in "td" else "d")


def _present(stem: str) -> str:
    if stem[-1] == "t" and stem[-2:-1] and stem[-2] in _FLAP_AFTER:
        return stem[:-1] + "ɾɪŋ"
    return stem + "ɪŋ"


def _compound(words: EnglishWords, word: str) -> str | None:
    for cut in range(len(word) - 3, 2, -1):
        head, tail = words.look_up(word[:cut]), words.look_up(word[cut:])
        if head is not None and tail is not None:
            return head + tail.replace(_PRIMARY, _SECONDARY)
    return None


def _letter_sounds(word: str) -> str:
    sounds, at = [], 0
    while at < len(word):
        pair = _LETTER_PAIRS.get(word[at : at + 2])
        sounds.append(pair or _LETTER_SOUNDS.get(word[at], ""))
        at += 2 if pair else 1
    said = "".join(sounds)
    first = next((i for i, sound in enumerate(said) if sound in _VOWELS), None)
    return said if first is None else said[:first] + _PRIMARY + said[first:]


def english(text: str, words: EnglishWords) -> str:
    """Phonemes of an English text whose numbers are already written as words."""
    tokens = _TOKEN.findall(text.replace("’", "'").replace("-", " "))
    spoken: list[str] = []
    vowel_follows = False
    for token in reversed(tokens):
        if not token[0].isalpha():
            spoken.append(token)
            vowel_follows = False
            continue
        weak = _BEFORE_VOWEL.get(token if len(token) == 1 else token.lower())
        said = weak[vowel_follows] if weak and spoken else words.sound(token)
        vowel_follows = said.lstrip(_PRIMARY + _SECONDARY)[:1] in _VOWELS
        spoken.append(said)
    line = ""
    for said in reversed(spoken):
        line += said if said in ";:,.!?" else f" {said}"
    # Kokoro v1.0 was trained with these two letters instead of the dictionary's (misaki en.py)
    return line.strip().replace("ɾ", "T").replace("ʔ", "t")


def mandarin(text: str, words: EnglishWords) -> str:
    """Phonemes of a Mandarin text; Latin letters in it are spoken in English."""
    said = []
    for run in _RUN.finditer(_wide(text)):
        if run["latin"]:
            said.append(f" {english(run['latin'], words)} ")
        elif run["other"].strip():
            said.append(_mandarin()(run["other"])[0])
    return "".join(said).strip()


def _wide(text: str) -> str:
    """Western marks as Chinese ones: only for those does misaki leave a breath."""
    return text.translate(_WIDE_MARKS)
