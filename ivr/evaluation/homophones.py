"""An error model of the recogniser: characters replaced by others that sound alike.

Measured on telephone Mandarin (speech.md section 1): a third of the characters wrong, but most of
them with the right folded syllable. So of the replaced characters 70 % keep the toneless syllable,
20 % keep the folded one, 10 % become a neighbour; punctuation is lost.
"""

import random
from functools import cache

from ivr.nlu.sounds import distance, fold, spelling

SAME_SYLLABLE, SAME_FOLDED = 0.7, 0.9


@cache
def _common() -> dict[str, list[str]]:
    """Toneless syllable -> common characters (GB 2312's first level), in the standard's order."""
    found: dict[str, list[str]] = {}
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            found.setdefault(spelling(char), []).append(char)
    return found


def misheard(text: str, strength: float, dice: random.Random) -> str:
    """The text as a recogniser might write it; `strength`: the share of characters that change."""
    made: list[str] = []
    for char in text:
        if not ("\u3400" <= char <= "\u9fff"):
            if char.isalnum():
                made.append(char)
            continue
        made.append(_other(char, dice) if dice.random() < strength else char)
    return "".join(made)


def _other(char: str, dice: random.Random) -> str:
    syllable = spelling(char)
    draw = dice.random()
    if draw < SAME_SYLLABLE:
        pool = _common().get(syllable, [])
    elif draw < SAME_FOLDED:
        pool = [c for s, chars in _common().items() if fold(s) == fold(syllable) for c in chars]
    else:
        pool = [
            c
            for s, chars in _common().items()
            if 0 < distance(fold(s), fold(syllable)) <= 0.3
            for c in chars
        ]
    pool = [c for c in pool if c != char]
    return dice.choice(pool) if pool else char
