"""Number words to digits. Never by sound: four, ten and "room" differ only there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The number words of one language (playbooks/sentences/<lang>/_places.yaml)."""

    digits: Mapping[str, int]
    """One sign, one digit."""
    scales: Mapping[str, int] = field(default_factory=dict)
    """Signs that multiply: ten, hundred, thousand."""
    fixed: Mapping[str, int] = field(default_factory=dict)
    """Signs or words with a value of their own (twenty)."""
    minus: tuple[str, ...] = ()

    @property
    def signs(self) -> str:
        """All single signs, for a character class."""
        single = [*self.digits, *self.scales, *(f for f in self.fixed if len(f) == 1)]
        return "".join(single)


def read_signs(text: str, words: NumberWords) -> str | None:
    """Digits for a run of Chinese number signs: "1802", "12", "-2"; None where it is no number.

    A run may join two numbers said one after the other (twelve, zero four: 1204).
    """
    sign = ""
    for minus in words.minus:
        if text.startswith(minus):
            sign, text = "-", text[len(minus) :]
            break
    if not text:
        return None
    pieces: list[str] = []
    total, pending = 0, ""
    scaled = False
    last_scale = 0
    for char in text:
        if char.isdigit() and char.isascii():
            pending += char
        elif char in words.fixed:
            total, scaled, last_scale = total + words.fixed[char], True, 10
        elif char in words.scales:
            scale = words.scales[char]
            if scaled and (scale >= last_scale > 0):
                pieces.append(
                    str(total + int(pending or 0)) if not pending else str(total) + pending
                )
                total, pending = 0, ""
            total += (int(pending) if pending else 1) * scale
            pending, scaled, last_scale = "", True, scale
        elif char in words.digits:
            pending += str(words.digits[char])
        else:
            return None
    pieces.append(_close(total, pending, scaled, last_scale))
    return sign + "".join(pieces)


def _close(total: int, pending: str, scaled: bool, last_scale: int) -> str:
    if not scaled:
        return pending
    if not pending:
        return str(total)
    if last_scale >= 100:
        if len(pending) == 1:
            return str(total + int(pending) * last_scale // 10)  # "one hundred two" is 120
        return str(total + int(pending))
    if pending[0] == "0":
        return str(total) + pending
    return str(total + int(pending[0])) + pending[1:]


_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)\b")


def read_words(text: str, words: NumberWords) -> str:
    """English text with its number words as digits ("third floor twelve oh four" -> "3 floor 12 04")."""
    text = _ORDINAL.sub(r"\1", text)
    made: list[str] = []
    tens: int | None = None
    for token in re.split(r"(\s+|-|,)", text):
        value = words.fixed.get(token, words.digits.get(token))
        if token.isspace() or token == "-":  # noqa: S105 - a word, no secret
            made.append(token)
            continue
        if value is None:
            made.append(token)
            tens = None
        elif tens is not None and 0 < value < 10:
            made[-2:] = [str(tens + value)]
            tens = None
        elif token in words.scales:
            made.append(token)
        else:
            made.append(str(value))
            tens = value if value in (20, 30, 40, 50, 60, 70, 80, 90) else None
    return "".join(made)
