"""Keys: every question can be answered by them, and 0 reaches a person at any time."""

from ivr.dialog.agenda import enter, mark_done, part_of, rearm, walk
from ivr.dialog.classification import classify, confirmed, denied
from ivr.dialog.commands import obey, speak
from ivr.dialog.draft import KEYS, Draft
from ivr.dialog.effects import CancelTimer, StartTimer
from ivr.dialog.repair import close_message, failed_turn, offer_keys, to_person
from ivr.dialog.state import Phase
from ivr.playbook.model import KeyPart

PERSON, ENGLISH, AGAIN, END = "0", "9", "*", "#"
YES, NO = "1", "2"


def press(draft: Draft, digit: str) -> None:
    """Take one key."""
    if not draft.listening:
        return
    draft.interrupt()
    draft.hush_timers()
    buffer = draft.dialog.keys
    if digit == AGAIN and not buffer:
        obey(draft, "repeat")
        return
    draft.set(keys=buffer + digit)
    if digit == END or _complete(draft):
        take(draft)
        return
    alone = draft.dialog.keys in (PERSON, ENGLISH)
    draft.do(StartTimer(KEYS, draft.timing("keys_quiet_s" if alone else "keys_gap_s")))


def _complete(draft: Draft) -> bool:
    """Whether a single key already says it all."""
    keys, pending = draft.dialog.keys, draft.dialog.pending
    part = _part(draft)
    if keys in (PERSON, ENGLISH):
        return False
    if part is not None:
        return keys in part.keys
    if pending is not None and pending.kind in ("home", "confirm"):
        return keys in (YES, NO)
    if draft.dialog.phase is Phase.INTAKE:
        return keys in draft.edition.library.menu
    return False


def take(draft: Draft) -> None:
    """Act on the entry: complete, ended by #, or left alone long enough."""
    keys = draft.dialog.keys
    entry = keys.rstrip(END)
    draft.set(keys="")
    draft.do(CancelTimer(KEYS))
    if keys == PERSON:
        to_person(draft, "asked for")
    elif keys == ENGLISH:
        speak(draft, "en")
    else:
        _take_entry(draft, entry)


def _take_entry(draft: Draft, entry: str) -> None:
    pending, part = draft.dialog.pending, _part(draft)
    if part is not None:
        _take_part(draft, part, entry)
    elif pending is not None and pending.kind == "message":
        close_message(draft)
    elif pending is not None and pending.kind == "confirm" and entry in (YES, NO):
        confirmed(draft, pending.question) if entry == YES else denied(draft)
    elif pending is not None and pending.kind == "home" and entry in (YES, NO):
        _home(draft, yes=entry == YES)
    elif draft.dialog.phase is Phase.INTAKE and entry in draft.edition.library.menu:
        _from_menu(draft, entry)
    elif draft.dialog.phase is Phase.STAYING:
        rearm(draft)
    else:
        failed_turn(draft)


def _from_menu(draft: Draft, entry: str) -> None:
    name = draft.edition.library.menu[entry]
    book = draft.edition.library.playbooks[name]
    category, known = book.category, draft.dialog.severity or book.severity
    draft.set(severity=known.worse(book.severity))
    if category:
        classify(draft, category)
    else:
        enter(draft, name)


def _home(draft: Draft, *, yes: bool) -> None:
    if yes:
        draft.take_home()
    draft.open_floor(None)
    walk(draft)


def _part(draft: Draft) -> KeyPart | None:
    pending, question = draft.dialog.pending, draft.question()
    return part_of(question, pending) if pending and question else None


def _take_part(draft: Draft, part: KeyPart, entry: str) -> None:
    facts = dict(part.keys.get(entry, {}))
    if part.number and entry.isdigit():
        facts = {part.number: str(int(entry))}
    if part.place:
        facts = place_of(entry)
    if not facts:
        failed_turn(draft)
        return
    draft.learn(facts)
    if part.place:
        draft.set(place_verified=True)
    _next_part(draft)


def place_of(entry: str) -> dict[str, str]:
    """Read `3*2*1204` (building, unit, room); missing ends are left out, the floor is derived.

    A room of three or four digits names its floor: 1204 is on floor 12.
    """
    pieces = [piece.lstrip("0") for piece in entry.split("*")]
    named = dict(zip(("building", "unit", "room"), pieces, strict=False))
    facts = {slot: value for slot, value in named.items() if value.isdigit()}
    room = facts.get("room", "")
    if len(room) in (3, 4):
        facts["floor"] = room[:-2]
    return facts


def _next_part(draft: Draft) -> None:
    """Go on with the key entry that is still missing, else the question is answered."""
    pending, question = draft.dialog.pending, draft.question()
    if pending is None or question is None:
        return
    for index in range(pending.part + 1, len(question.parts)):
        if not any(draft.dialog.facts.get(f) for f in question.parts[index].facts):
            draft.ask_pending(part=index, keys_offered=False)
            offer_keys(draft)
            return
    mark_done(draft, pending.step)
    draft.open_floor(None)
    if draft.dialog.phase is Phase.INTAKE:
        enter(draft, draft.edition.library.silent)
    else:
        walk(draft)
