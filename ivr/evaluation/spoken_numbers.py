"""Numbers as callers say them, for the generator of labelled rows."""

import random
from dataclasses import dataclass

_ZERO, _ONE_PHONE, _TEN = "\u96f6", "\u5e7a", "\u5341"
_DIGITS = "\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d"
_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = {2: "twenty", 3: "thirty"}
_ORDINALS = {
    1: "first",
    2: "second",
    3: "third",
    5: "fifth",
    8: "eighth",
    9: "ninth",
    12: "twelfth",
}


@dataclass(frozen=True, slots=True)
class SaidNumber:
    """One speaker's habits with numbers."""

    phone_one: bool
    """Says the telephone's "one" in room numbers."""
    digits: bool
    """The recogniser writes digits."""

    def zh(self, value: int) -> str:
        if self.digits:
            return str(value)
        if value < 10:
            return _DIGITS[value]
        tens, ones = divmod(value, 10)
        return ("" if tens == 1 else _DIGITS[tens]) + _TEN + (_DIGITS[ones] if ones else "")

    def digits_zh(self, value: str) -> str:
        if self.digits:
            return value
        said = "".join(_DIGITS[int(d)] for d in value)
        return said.replace(_DIGITS[1], _ONE_PHONE) if self.phone_one else said

    def en(self, value: int) -> str:
        if value < 20:
            return _EN[value]
        tens, ones = divmod(value, 10)
        return _EN_TENS[tens] + (f" {_EN[ones]}" if ones else "")

    def ordinal(self, value: int) -> str:
        if value > 20 and value % 10:
            return f"{_EN_TENS[value // 10]} {self.ordinal(value % 10)}"
        if value in (20, 30):
            return _EN_TENS[value // 10].replace("y", "ieth")
        return _ORDINALS.get(value, _EN[value] + "th")

    def digits_en(self, value: str) -> str:
        return " ".join(_EN[int(d)] if d != "0" else "oh" for d in value)


def said_number(dice: random.Random) -> SaidNumber:
    """A random speaker."""
    return SaidNumber(phone_one=dice.random() < 0.5, digits=dice.random() < 0.3)
