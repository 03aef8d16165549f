"""The labelled set: rows, and the generator that makes them from written patterns.

Patterns are sentences people wrote for this purpose (`tests/labelled/<lang>.txt`); the generator
fills in places, puts words before and after, and lets a recogniser's homophone errors fall on some.
The split into development and test goes by pattern: no wording of a test row was seen in
development.
"""

import hashlib
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from ivr.evaluation.homophones import misheard
from ivr.evaluation.spoken_numbers import said_number

Split = Literal["dev", "test"]
TEST_SHARE = 40
"""Percent of patterns that are kept for testing."""
COLUMNS = ("id", "lang", "text", "category", "subtype", "severity", "slots", "notes")
STRENGTHS = (0.12, 0.25, 0.4)
"""Shares of characters misheard in the homophone rows."""
_HEADER = re.compile(r"^## (\S+)((?: [a-z_]+)?) (critical|high|medium|low|-)(?: (\S+))?$")


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled utterance (plan/labels.md)."""

    id: str
    lang: str
    text: str
    category: str
    subtype: str
    severity: str
    slots: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def accepted(self) -> tuple[str, ...]:
        """Categories that count as right."""
        return (
            self.category,
            *(n.removeprefix("alt:") for n in self.notes if n.startswith("alt:")),
        )

    @property
    def pattern(self) -> str:
        return self.id.rsplit("-", 1)[0]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One written sentence with its labels."""

    name: str
    lang: str
    text: str
    category: str
    subtype: str
    severity: str
    slots: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def split(self) -> Split:
        # the sentence decides, so that inserting patterns moves no other pattern
        digest = hashlib.sha256(self.text.encode()).digest()[0]
        return "test" if digest * 100 < TEST_SHARE * 256 else "dev"


def read_rows(text: str) -> list[Row]:
    """Rows of a TSV in the columns of plan/labels.md. Raises ValueError naming the line."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise ValueError(f"line 1: columns must be {', '.join(COLUMNS)}")
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], 2):
        parts = line.split("\t")
        if len(parts) != len(COLUMNS):
            raise ValueError(f"line {number}: {len(parts)} columns instead of {len(COLUMNS)}")
        slots = dict(pair.split("=", 1) for pair in parts[6].split(";") if pair)
        notes = tuple(note for note in parts[7].split(";") if note)
        name, lang, said, category, subtype, severity = parts[:6]
        rows.append(Row(name, lang, said, category, subtype, severity, slots, notes))
    return rows


def write_rows(rows: list[Row]) -> str:
    """The TSV of rows."""
    lines = ["\t".join(COLUMNS)]
    for r in rows:
        slots = ";".join(f"{k}={v}" for k, v in r.slots.items())
        lines.append(
            "\t".join(
                (r.id, r.lang, r.text, r.category, r.subtype, r.severity, slots, ";".join(r.notes))
            )
        )
    return "\n".join(lines) + "\n"


def read_patterns(text: str, lang: str) -> list[Pattern]:
    """Patterns of one file: `## category subtype severity` heads, then `sentence |slots #notes`."""
    made: list[Pattern] = []
    category = subtype = severity = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            words = line[3:].split()
            category, severity = words[0], words[-1]
            subtype = words[1] if len(words) == 3 and words[1] != "-" else ""
            continue
        if not line.strip():
            continue
        if not category:
            raise ValueError(f"line {number}: a sentence before the first ## head")
        sentence, _, notes = line.partition(" #")
        sentence, _, slots = sentence.partition(" |")
        given = dict(p.split("=", 1) for p in slots.strip().split(";") if "=" in p)
        tags = tuple(n.strip() for n in notes.split(";") if n.strip())
        made.append(
            Pattern(
                f"{lang}-{number:04d}",
                lang,
                sentence.strip(),
                category,
                subtype,
                severity,
                given,
                tags,
            )
        )
    return made


def generate(folder: Path, seed: int = 7) -> list[tuple[Split, Row]]:
    """All rows of the set, made from the patterns and fillers of `folder`."""
    fillers = yaml.safe_load((folder / "fillers.yaml").read_text(encoding="utf-8"))
    made: list[tuple[Split, Row]] = []
    for lang in ("zh", "en"):
        for pattern in read_patterns((folder / f"{lang}.txt").read_text(encoding="utf-8"), lang):
            dice = random.Random(f"{seed}{pattern.text}")  # noqa: S311 - a fixed choice of rows
            made += [(pattern.split, row) for row in _variants(pattern, fillers, dice)]
    return made


def _variants(pattern: Pattern, fillers: Mapping[str, Any], dice: random.Random) -> Iterator[Row]:
    count = 3 if pattern.lang == "zh" else 2
    for number in range(count):
        row = _filled(pattern, fillers, dice, plain=number == 0, name=f"{pattern.name}-{number}")
        if number == 2:
            strength = dice.choice(STRENGTHS)
            row = replace(row, text=misheard(row.text, strength, dice), notes=(*row.notes, "asr"))
        yield row


def _filled(
    pattern: Pattern, fillers: Mapping[str, Any], dice: random.Random, *, plain: bool, name: str
) -> Row:
    text, slots = pattern.text, dict(pattern.slots)
    quiet = pattern.severity == "low" or len(text) < 6
    place_at = "{p}" in text
    elsewhere = bool(slots.keys() - {"people"})
    append = not plain and not place_at and not quiet and not elsewhere and dice.random() < 0.5
    if place_at or append:
        said, place = _place(fillers[pattern.lang], fillers["letters"], dice)
        text = (
            text.replace("{p}", said)
            if place_at
            else f"{text}, {said}"
            if pattern.lang == "en"
            else f"{text},{said}"
        )
        slots.update(place)
    if not plain and len(pattern.text) >= 6:
        text = dice.choice(fillers["before"][pattern.lang]) + text
        if pattern.category not in ("none", "enquiry"):
            text += dice.choice(fillers["after"][pattern.lang])
    slots = {
        k: v
        for k, v in slots.items()
        if v and k in ("building", "unit", "floor", "room", "landmark", "people")
    }
    return Row(
        name,
        pattern.lang,
        text,
        pattern.category,
        pattern.subtype,
        pattern.severity,
        slots,
        pattern.notes,
    )


def _place(
    forms: list[Mapping[str, Any]], letters: list[str], dice: random.Random
) -> tuple[str, dict[str, str]]:
    """One way of saying a random place, and its slots."""
    form = dice.choice(forms)
    building, unit, floor, door = (
        dice.randint(1, 28),
        dice.randint(1, 4),
        dice.randint(2, 33),
        dice.randint(1, 8),
    )
    second = dice.randint(1, 9)
    room, letter = f"{floor}{door:02d}", dice.choice(letters)
    say = said_number(dice)
    said = str(form["say"]).format(
        b=building,
        u=unit,
        f=floor,
        d=door,
        r=room,
        l=letter.upper(),
        bz=say.zh(building),
        uz=say.zh(unit),
        fz=say.zh(floor),
        dz=say.zh(door),
        b2z=say.zh(second),
        rz=say.digits_zh(room),
        bw=say.en(building),
        uw=say.en(unit),
        fo=say.ordinal(floor),
        rw=say.digits_en(room),
    )
    values = {
        "building": {"building": str(building)},
        "unit": {"unit": str(unit)},
        "floor": {"floor": str(floor)},
        "room": {"room": room},
        "door": {"room": str(door)},
        "fd": {"room": f"{floor}-{door}"},
        "letter": {"building": letter.upper()},
        "phase": {},
        "floor_m2": {"floor": "-2"},
        "floor_m1": {"floor": "-1"},
        "garage": {},
        "building2": {"building": str(second)},
    }
    slots: dict[str, str] = {}
    for key in form["slots"]:
        slots.update(values[key])
    return said, slots
