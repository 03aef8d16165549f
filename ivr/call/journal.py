"""Events as JSON and back: the journal from which a call can be folded again at any time."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, get_args

from pydantic import TypeAdapter

from ivr.dialog.edition import Edition
from ivr.dialog.engine import advance, new_dialog
from ivr.dialog.events import Event
from ivr.dialog.state import Dialog
from ivr.incident.model import CallId
from ivr.store.calls import JournalEntry

_KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


@lru_cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def encode(event: Event) -> dict[str, object]:
    """Return the event as plain JSON data, its class under "event"."""
    kind = type(event).__name__
    body: dict[str, object] = _adapter(kind).dump_python(event, mode="json")
    return {"event": kind, **body}


def decode(data: dict[str, Any]) -> Event:
    """Return the event that `encode` gave.

    Raises:
        KeyError: not an event of this version.
        pydantic.ValidationError: its fields are not.
    """
    event: Event = _adapter(data["event"]).validate_python(
        {name: value for name, value in data.items() if name != "event"}
    )
    return event


def fold(call: CallId, events: Iterable[Event], edition: Edition) -> Dialog | None:
    """Return the dialog these events led to, None without any. Same events, same dialog."""
    dialog: Dialog | None = None
    for event in events:
        dialog = advance(dialog or new_dialog(call, event.at), event, edition).dialog
    return dialog


def events_of(entries: Iterable[JournalEntry]) -> list[Event]:
    """Return the events among a call's journal entries, in order."""
    return [decode(dict(e.payload)) for e in entries if e.kind == "event"]
