"""Find cues in an utterance: by characters (certain), by sound (suspected), asserted or denied."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ivr.nlu.lexicon import Cue, LanguagePack
from ivr.nlu.negation import denied
from ivr.nlu.sounds import distance, spelled
from ivr.nlu.text import BREAK, clause_of

How = Literal["exact", "sound", "near"]
SOUND_STRENGTH = {1: 0.0, 2: 0.4, 3: 0.72}
"""Evidence of a match by sound alone, by syllables; four and more act nearly like characters."""
LONG_SOUND = 0.95
LOOSE_SOUND = 0.12
"""A sound match with unheard words in between: never more than a hint."""
NEAR_STRENGTH = {3: 0.2, 4: 0.6, 5: 0.75, 6: 0.8}
NEAR_LIMIT = 0.55
COLLISION_STRENGTH = 0.08


@dataclass(frozen=True, slots=True)
class Hit:
    """One cue found in one utterance."""

    cue: Cue
    start: int
    end: int
    span: str
    how: How
    strength: float
    """0..1: how sure we are that this was said."""
    denied: bool


def find(text: str, pack: LanguagePack) -> tuple[Hit, ...]:
    """Every cue of one language in one cleaned utterance."""
    return _find(text, _Key(pack))


class _Key:
    """A pack as a cache key: by identity."""

    __slots__ = ("pack",)

    def __init__(self, pack: LanguagePack) -> None:
        self.pack = pack

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.pack is self.pack

    def __hash__(self) -> int:
        return id(self.pack)


@lru_cache(maxsize=512)
def _find(text: str, key: _Key) -> tuple[Hit, ...]:
    pack = key.pack
    masked = _covered(pack.masks, text)
    hits = list(_exact(text, pack, masked))
    if not pack.common.words:
        heard = [(h.cue.id, h.start, h.end) for h in hits]
        line = pack.sounds.line(text)
        everyday = _covered(pack.collisions, text)
        hits += _unless_heard(_by_sound(text, line, pack, masked, everyday), heard)
        hits += _unless_heard(
            _nearly(text, line, pack, masked), [(h.cue.id, h.start, h.end) for h in hits]
        )
    return tuple(hits)


def _covered(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [m.span() for m in pattern.finditer(text) if m.end() > m.start()]


def _inside(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    """The match leans on an innocent phrase: it overlaps it and does not clearly reach beyond it."""
    return any(s < end and start < e and not (start < s and end > e) for s, e in spans)


def _exact(text: str, pack: LanguagePack, masked: list[tuple[int, int]]) -> Iterator[Hit]:
    for cue in pack.cues:
        for match in cue.exact.finditer(text):
            start, end = match.span()
            masks = cue.entry.kind == "asserts" and cue.entry.sound
            if start == end or (masks and _inside(start, end, masked)):
                continue
            no = cue.entry.negatable and denied(text, start, end, pack)
            yield Hit(cue, start, end, match.group(), "exact", 1.0, no)


def _by_sound(
    text: str,
    line: str,
    pack: LanguagePack,
    masked: list[tuple[int, int]],
    everyday: list[tuple[int, int]],
) -> Iterator[Hit]:
    for cue in pack.cues:
        if cue.entry.kind == "explains":
            continue
        for pattern in (cue.sounding, cue.sounding_loose):
            if pattern is None:
                continue
            for match in pattern.finditer(line):
                start, end = match.span()
                if end - start < 2 or _inside(start, end, masked):
                    continue
                strength = SOUND_STRENGTH.get(end - start, LONG_SOUND)
                if pattern is cue.sounding_loose:
                    strength = min(strength, LOOSE_SOUND)
                if end - start <= 3 and _inside(start, end, everyday):
                    strength = COLLISION_STRENGTH
                no = cue.entry.negatable and denied(text, start, end, pack)
                yield Hit(cue, start, end, text[start:end], "sound", strength, no)


def _nearly(
    text: str, line: str, pack: LanguagePack, masked: list[tuple[int, int]]
) -> Iterator[Hit]:
    by_id = {cue.id: cue for cue in pack.cues}
    for size in (6, 5, 4, 3):
        for start in range(len(line) - size + 1):
            window = line[start : start + size]
            if BREAK in window or _inside(start, start + size, masked):
                continue
            for hole in range(size):
                for cue_id, wanted in pack.near.get((*window[:hole], "", *window[hole + 1 :]), ()):
                    apart = distance(spelled(window[hole]), spelled(wanted))
                    if 0 < apart <= NEAR_LIMIT:
                        cue = by_id[cue_id]
                        no = cue.entry.negatable and denied(text, start, start + size, pack)
                        yield Hit(
                            cue,
                            start,
                            start + size,
                            text[start : start + size],
                            "near",
                            NEAR_STRENGTH[size] * (1 - apart / 2),
                            no,
                        )


def _unless_heard(hits: Iterable[Hit], heard: list[tuple[str, int, int]]) -> list[Hit]:
    """Without those whose own cue was already found at the same place."""
    kept: list[Hit] = []
    taken = list(heard)
    for hit in hits:
        if any(c == hit.cue.id and s < hit.end and hit.start < e for c, s, e in taken):
            continue
        taken.append((hit.cue.id, hit.start, hit.end))
        kept.append(hit)
    return kept


def clause_text(text: str, hit: Hit) -> str:
    """The clause a hit stands in."""
    left, right = clause_of(text, hit.start, hit.end)
    return text[left:right]
