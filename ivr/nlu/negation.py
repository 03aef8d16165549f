"""Is a cue denied? Decided on the clause, never on the word (safety 2.3).

A cue that holds its own negator ("not breathing") is never denied by it: only words outside of the
cue's own span count.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ivr.nlu.text import clause_of

if TYPE_CHECKING:
    from ivr.nlu.lexicon import LanguagePack

REACH = 14
"""Signs before a cue in which a negator can still mean it (English: 40)."""


@lru_cache(maxsize=64)
def _joined(patterns: tuple[str, ...], form: str) -> re.Pattern[str]:
    return re.compile(form.format("|".join(patterns) or "(?!)"))


def denied(text: str, start: int, end: int, pack: "LanguagePack") -> bool:
    """True where the words around the span, inside its clause, say that it is not so."""
    words = pack.common.negation
    left, right = clause_of(text, start, end)
    before = text[max(left, start - (40 if pack.common.words else REACH)) : start]
    after = text[end : min(right, end + REACH * (2 if pack.common.words else 1))]
    if words.unless and _joined(tuple(words.unless), "(?:{})").search(before + " " + after):
        return False
    return bool(
        _joined(tuple(words.before), "(?:{})$").search(before)
        or _joined(tuple(words.after), "^(?:{})").search(after)
    )
