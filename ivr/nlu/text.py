"""The caller's words made comparable: one script, one width, one mark for every clause break.

Position i of `Clean.text` is what everything later (cues, sounds, places) counts spans in.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from opencc_purepy import OpenCC

BREAK = ","
"""The only punctuation that survives: a clause break."""
LONGEST = 2000
"""Characters looked at; whoever talks longer than three minutes has said it by then."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[a-z]{2,}")
_MARKUP = re.compile(r"<[^<>]{0,200}>")
_BREAKS = re.compile(r"[\u3002\uff01\uff1f\uff1b\uff0c\u3001\u2026:;!?.,\n\r\t|]+")
_KEEP = re.compile(r"[^0-9a-z\u3400-\u9fff ,*#+/-]")
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\uff0d~_]")
_HAN_GAP = re.compile(
    r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff0-9])|(?<=[0-9]) +(?=[\u3400-\u9fff])"
)


@dataclass(frozen=True, slots=True)
class Clean:
    """Comparable text of one utterance."""

    text: str
    raw: str

    @property
    def has_han(self) -> bool:
        return bool(_HAN.search(self.text))

    @property
    def han_count(self) -> int:
        return len(_HAN.findall(self.text))

    @property
    def latin_words(self) -> int:
        return len(_LATIN_WORD.findall(self.text))


def clean(raw: str) -> Clean:
    """Simplified, half-width, lower case; punctuation becomes one break; the rest is dropped."""
    text = unicodedata.normalize("NFKC", raw[:LONGEST]).replace("\u2019", "'")
    if _HAN.search(text):
        text = simplified(text)
    text = _MARKUP.sub(BREAK, text.lower()).replace("'", "")
    text = _DASHES.sub("-", _DECIMAL.sub(" ", text))
    text = _KEEP.sub(" ", _BREAKS.sub(BREAK, text))
    text = re.sub(r" *, *(?:, *)*", BREAK, re.sub(r" {2,}", " ", text))
    return Clean(_HAN_GAP.sub("", text).strip(" ,"), raw)


def simplified(text: str) -> str:
    """Traditional characters to simplified ones; text that is simplified already is not touched."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return str(_converter().convert(text))
    return text


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def clause_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Borders of the clause that holds the span."""
    left = text.rfind(BREAK, 0, start) + 1
    right = text.find(BREAK, end)
    return left, len(text) if right < 0 else right
