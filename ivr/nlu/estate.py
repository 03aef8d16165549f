"""What exists on one estate, and how a misheard place is brought back to it.

Pure: given text (YAML, or CSV for the import); the shell reads files.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class EstateError(ValueError):
    """The estate's data is wrong; the message names the place in it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitEntry(_Strict):
    """One staircase."""

    unit: str
    floors: tuple[int, int]
    """Lowest and highest floor; below ground negative; there is no floor 0."""
    doors: int = Field(ge=1, le=60)
    """Doors on a floor."""
    room_forms: list[str] = ["floor_door2", "floor-door"]
    """`floor_door2`: 1204 = floor 12, door 04; `floor-door`: 12-4."""
    lifts: list[str] = []
    """Numbers on the lifts' plates."""


class BuildingEntry(_Strict):
    building: str
    address: str = ""
    units: list[UnitEntry]


class AddressEntry(_Strict):
    """What the sheets for 119, 110 and 120 need (safety 4.3)."""

    road: str
    gates: list[str] = []
    guide_place: str = ""
    evacuation: str = ""
    aed: list[str] = []
    valves: list[str] = []


class EstateFile(_Strict):
    name: str
    sheet: AddressEntry
    buildings: list[BuildingEntry]
    landmarks: list[str] = []
    garages: list[str] = []
    residents: dict[str, dict[str, str]] = {}
    """Caller's number -> slots of the registered flat."""


@dataclass(frozen=True, slots=True)
class Estate:
    """The gazetteer of one estate."""

    entry: EstateFile

    def repair(self, slots: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
        """Slots with what cannot exist here brought to the nearest that can, or left out to be asked.

        Returns: slots, and (key, was, is) per change; "" = left out.
        """
        made = dict(slots)
        fixes: list[tuple[str, str, str]] = []

        def put(key: str, value: str | None) -> None:
            was = made.get(key)
            if was is None or was == value:
                return
            fixes.append((key, was, value or ""))
            if value is None:
                del made[key]
            else:
                made[key] = value

        if "building" in made:
            put("building", nearest(made["building"], [b.building for b in self.entry.buildings]))
        units = self._units(made.get("building"))
        if "unit" in made:
            put("unit", nearest(made["unit"], list(dict.fromkeys(u.unit for u in units))))
        if "unit" in made:
            units = [u for u in units if u.unit == made["unit"]]
        if "floor" in made:
            floors = sorted({f for u in units for f in range(u.floors[0], u.floors[1] + 1) if f})
            put("floor", nearest(made["floor"], [str(f) for f in floors]))
        if "room" in made and units:
            put("room", self._room(made["room"], units, made.get("floor")))
        return made, fixes

    def _units(self, building: str | None) -> list[UnitEntry]:
        chosen = [b for b in self.entry.buildings if building is None or b.building == building]
        return [u for b in chosen for u in b.units]

    def _room(self, room: str, units: list[UnitEntry], floor: str | None) -> str | None:
        """A room that exists; a bare door number is kept when some unit has that many doors."""
        if room.isdigit() and len(room) <= 2:
            return room if any(int(room) <= u.doors for u in units) else None
        rooms = list(dict.fromkeys(r for u in units for r in rooms_of(u, dashed="-" in room)))
        if room in rooms:
            return room
        if floor is not None:
            here = [r for r in rooms if floor_of(r) == floor]
            rooms = here or rooms
        return nearest(room, rooms, 0.9)

    def registered(self, phone: str | None) -> dict[str, str] | None:
        """Slots of the flat registered for a caller's number, to be asked and never assumed."""
        return (
            dict(self.entry.residents[phone]) if phone and phone in self.entry.residents else None
        )

    def exists(self, slots: Mapping[str, str]) -> bool:
        """Every place slot given exists as it stands."""
        return not self.repair(slots)[1]


def rooms_of(unit: UnitEntry, *, dashed: bool) -> list[str]:
    """Room numbers of a staircase in one form."""
    made: list[str] = []
    for floor in range(unit.floors[0], unit.floors[1] + 1):
        if floor:
            made += [
                f"{floor}-{d}" if dashed else f"{floor}{d:02d}" for d in range(1, unit.doors + 1)
            ]
    return made


def floor_of(room: str) -> str:
    """Floor of a room number in either form ("1204", "12-4", "-1-3")."""
    if "-" in room[1:]:
        return room[: room.rindex("-")]
    return room[:-2]


SOUND_ALIKE = {
    frozenset("17"): 0.35,
    frozenset("14"): 0.8,
    frozenset("40"): 0.9,
    frozenset("69"): 0.5,
    frozenset("34"): 0.6,
    frozenset("29"): 0.9,
    frozenset("12"): 0.7,
    frozenset("58"): 0.9,
    frozenset("06"): 0.6,
    frozenset("26"): 0.7,
    frozenset("96"): 0.5,
}
"""Digits a telephone confuses (yi/qi, liu/jiu, san/si, ling/liang)."""


def nearest(said: str, known: list[str], limit: float = 0.75) -> str | None:
    """The known value that sounds nearest, None where none is near or two are equally near."""
    if said in known:
        return said
    ranked = sorted((_apart(said, other), other) for other in known)
    if not ranked or ranked[0][0] > limit:
        return None
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < 0.05:
        return None
    return ranked[0][1]


def _apart(one: str, other: str) -> float:
    """Weighted edit distance of two numbers, digit by digit."""
    row = [float(i) for i in range(len(other) + 1)]
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], float(i)
        for j, b in enumerate(other, 1):
            cost = 0.0 if a == b else SOUND_ALIKE.get(frozenset(a + b), 1.0)
            gap = 0.6 if "-" in (a, b) else 0.8
            previous, row[j] = row[j], min(previous + cost, row[j] + gap, row[j - 1] + gap)
    return row[-1]


def read_estate(text: str) -> Estate:
    """Read `playbooks/estates/*.yaml`. Raises: EstateError with the path of what is wrong."""
    try:
        return Estate(EstateFile.model_validate(yaml.safe_load(text)))
    except (yaml.YAMLError, ValidationError) as wrong:
        raise EstateError(str(wrong)) from wrong


def import_buildings(text: str) -> list[BuildingEntry]:
    """Buildings from CSV with the columns building, unit, lowest, highest, doors, lifts, address.

    Raises: EstateError naming the row.
    """
    found: dict[str, list[UnitEntry]] = {}
    addresses: dict[str, str] = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
        try:
            found.setdefault(row["building"].strip(), []).append(
                UnitEntry(
                    unit=row["unit"].strip(),
                    floors=(int(row["lowest"]), int(row["highest"])),
                    doors=int(row["doors"]),
                    lifts=[x.strip() for x in (row.get("lifts") or "").split(";") if x.strip()],
                )
            )
        except (KeyError, ValueError, AttributeError) as wrong:
            raise EstateError(f"row {number}: {wrong}") from wrong
        addresses[row["building"].strip()] = (row.get("address") or "").strip()
    return [
        BuildingEntry(building=b, address=addresses[b], units=units) for b, units in found.items()
    ]
