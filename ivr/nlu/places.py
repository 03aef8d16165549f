"""Where it is: building, unit, floor, room and landmark, in every form people say them.

The patterns stand in `playbooks/sentences/<lang>/_places.yaml`; here is what holds for all of them:
numbers become digits, pieces said together belong together, a reporter's own flat is not the place,
and a later correction replaces what it corrects.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ivr.nlu.lexicon import LanguagePack
from ivr.nlu.numbers import read_signs, read_words
from ivr.nlu.text import BREAK

KEYS = ("building", "unit", "floor", "room", "landmark")
JOIN = 8
"""Signs that may lie between two pieces of one address (English: 24)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One place word with its number."""

    key: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Address:
    """Pieces said together."""

    pieces: tuple[Piece, ...]
    reporter: bool
    """Only where the reporter lives or stands."""

    @property
    def slots(self) -> dict[str, str]:
        return {piece.key: piece.value for piece in self.pieces}

    @property
    def start(self) -> int:
        return min(piece.start for piece in self.pieces)

    @property
    def end(self) -> int:
        return max(piece.end for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class PlaceGrammar:
    """Compiled patterns of one language."""

    patterns: tuple[re.Pattern[str], ...]
    landmarks: re.Pattern[str]
    reporter: re.Pattern[str]
    not_places: re.Pattern[str]
    correction: re.Pattern[str]
    bare: tuple[re.Pattern[str], ...]


@lru_cache(maxsize=8)
def _grammar_of(identity: int, holder: "Holder") -> PlaceGrammar:  # noqa: ARG001
    pack = holder.pack
    places = pack.places
    signs = re.escape(pack.numbers.signs) + "0-9"
    minus = "|".join(map(re.escape, [*pack.numbers.minus, "-"]))
    number = r"\d+" if pack.common.words else rf"(?:{minus})?[{signs}]+"

    def build(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern.replace("{n}", number).replace("{s}", f"[{signs}]"))

    return PlaceGrammar(
        tuple(build(p) for p in places.patterns),
        build("|".join(places.landmarks) or "(?!)"),
        build("(?:" + ("|".join(places.reporter) or "(?!)") + ")$"),
        build("|".join(places.not_places) or "(?!)"),
        pack.answers["correct"],
        tuple(build(p) for p in places.bare),
    )


class Holder:
    __slots__ = ("pack",)

    def __init__(self, pack: LanguagePack) -> None:
        self.pack = pack

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holder) and other.pack is self.pack

    def __hash__(self) -> int:
        return id(self.pack)


def grammar(pack: LanguagePack) -> PlaceGrammar:
    """The compiled place grammar of a language."""
    return _grammar_of(id(pack), Holder(pack))


def addresses(text: str, pack: LanguagePack) -> tuple[Address, ...]:
    """All addresses of one cleaned utterance, in order."""
    made = grammar(pack)
    text = read_words(text, pack.numbers) if pack.common.words else text
    pieces = sorted(_pieces(text, made, pack), key=lambda piece: (piece.start, piece.end))
    return tuple(_grouped(text, pieces, made, pack))


def bare_place(text: str, pack: LanguagePack) -> dict[str, str]:
    """The place in an answer that is nothing but numbers ("3-2-12"), read by the question asked."""
    line = read_words(text, pack.numbers) if pack.common.words else text
    for pattern in grammar(pack).bare:
        match = pattern.search(line.strip(" " + BREAK))
        if match:
            read = {key: _digits(said, pack) for key, said in match.groupdict().items() if said}
            return {key: value for key, value in read.items() if value is not None}
    return {}


def _pieces(text: str, made: PlaceGrammar, pack: LanguagePack) -> list[Piece]:
    taken: list[tuple[int, int]] = [
        m.span() for m in made.not_places.finditer(text) if m.end() > m.start()
    ]
    found: list[Piece] = []
    for pattern in made.patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(s < end and start < e for s, e in taken):
                continue
            values = {k: _digits(v, pack) for k, v in match.groupdict().items() if v}
            if not values or any(v is None for v in values.values()):
                continue
            taken.append((start, end))
            found += [
                Piece(key.rstrip("0123456789"), value, *match.span(key))
                for key, value in values.items()
                if value
            ]
    for match in made.landmarks.finditer(text):
        start, end = match.span()
        if end > start and not any(s < end and start < e for s, e in taken):
            taken.append((start, end))
            found.append(Piece("landmark", match.group().strip(), start, end))
    return found


_LETTER = re.compile(r"^[a-z]\d*$")
_JOINED = re.compile(r"^(.+?)(?:-|\u6760|\u4e4b)(.+)$")


def _digits(said: str, pack: LanguagePack) -> str | None:
    said = said.strip(" -") if not said.startswith("-") else said
    if _LETTER.match(said):
        return said.upper()
    if pack.common.words:
        return re.sub(r"\s+", "", said).upper()
    if re.match(r"^[a-z]", said):
        rest = read_signs(said[1:].lstrip("-"), pack.numbers)
        return None if rest is None else said[0].upper() + rest
    joined = _JOINED.match(said)
    if joined and joined.group(1) not in pack.numbers.minus:
        left, right = (read_signs(part, pack.numbers) for part in joined.groups())
        return None if left is None or right is None else f"{left}-{right}"
    return read_signs(said, pack.numbers)


def _grouped(
    text: str, pieces: list[Piece], made: PlaceGrammar, pack: LanguagePack
) -> Iterable[Address]:
    group: list[Piece] = []
    reach = JOIN * 3 if pack.common.words else JOIN
    for piece in pieces:
        fits = (
            bool(group)
            and piece.key not in {p.key for p in group}
            and piece.start - group[-1].end <= reach
            and not made.correction.search(text[group[-1].end : piece.start])
        )
        if group and not fits:
            yield _address(text, group, made)
            group = []
        group.append(piece)
    if group:
        yield _address(text, group, made)


def _address(text: str, group: list[Piece], made: PlaceGrammar) -> Address:
    before = text[max(0, group[0].start - 16) : group[0].start]
    before = before[before.rfind(BREAK) + 1 :]
    return Address(tuple(group), bool(made.reporter.search(before)))


def place_slots(
    texts: Sequence[str], hazard_spans: Sequence[Sequence[tuple[int, int]]], pack: LanguagePack
) -> dict[str, str]:
    """The incident's place over a call's utterances.

    Arguments: cleaned `texts` in order, and per text the spans of the cues that made the category.
    """
    found: dict[str, str] = {}
    for text, spans in zip(texts, hazard_spans, strict=True):
        here = list(addresses(text, pack))
        if not here:
            continue
        corrected = _after_correction(text, here, pack)
        for address in corrected if corrected is not None else _incident(text, here, spans):
            found.update(address.slots)
    return found


def _after_correction(text: str, here: list[Address], pack: LanguagePack) -> list[Address] | None:
    """Addresses with later ones replacing earlier ones where the caller corrects himself."""
    marks = [m.start() for m in grammar(pack).correction.finditer(text)]
    if not marks or here[-1].end < marks[-1]:
        return None
    return here


def _incident(text: str, here: list[Address], spans: Sequence[tuple[int, int]]) -> list[Address]:
    """Which address is the incident's, when several are said; compatible ones are joined."""
    told = [a for a in here if not a.reporter] or here
    chosen = min(told, key=lambda a: (_far(text, a, spans), a.start))
    joined = [chosen]
    have = dict(chosen.slots)
    for other in told:
        if other is not chosen and not set(other.slots) & set(have):
            joined.append(other)
            have.update(other.slots)
    return joined


def _far(text: str, address: Address, spans: Sequence[tuple[int, int]]) -> int:
    """Clause breaks between an address and the nearest word of the incident; a place stands before it."""
    if not spans:
        return 0
    best = 99
    for start, end in spans:
        if address.end <= start:
            best = min(best, text.count(BREAK, address.end, start) * 2)
        elif end <= address.start:
            best = min(best, text.count(BREAK, end, address.start) * 2 + 1)
        else:
            best = 0
    return best
