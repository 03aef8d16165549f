"""`Dialog`: the whole conversation as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from ivr.dialog.effects import Say, SayPlace
from ivr.dialog.events import Running
from ivr.incident.model import (
    EMPTY,
    AlertOrder,
    CallId,
    Disposition,
    Lang,
    Place,
    Reason,
    Report,
    Said,
    Severity,
    TaskOrder,
    Told,
)
from ivr.nlu.understanding import Heard


class Phase(StrEnum):
    INTAKE = "intake"
    """Nobody knows yet what has happened."""
    PLAYBOOK = "playbook"
    STAYING = "staying"
    """Keeping a caller company who cannot leave."""
    TRANSFERRING = "transferring"
    ENDED = "ended"


Asking = Literal["question", "home", "confirm", "message"]


@dataclass(frozen=True, slots=True)
class Pending:
    """What the caller has been asked and has not answered yet."""

    kind: Asking
    question: str = ""
    step: str = ""
    """Key of the agenda step that asks."""
    failed: int = 0
    part: int = 0
    """Which key part of the question is being entered."""
    keys_offered: bool = False
    once: bool = False
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Dialog:
    """One call. Only `advance` makes a new one."""

    call: CallId
    started_at: datetime
    lang: Lang = "zh"
    lang_fixed: bool = False
    caller: str | None = None
    home: Place | None = None
    intercom: bool = False
    running: tuple[Running, ...] = ()
    recorded: bool = False
    test: bool = False

    phase: Phase = Phase.INTAKE
    playbook: str | None = None
    category: str | None = None
    subtype: str | None = None
    severity: Severity | None = None
    classified_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    understood: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """What understanding last made of all turns; only what is new in it is learned, so that old
    words never undo a later answer or key."""
    place_as_said: str | None = None
    place_verified: bool = False
    also: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    candidates: tuple[str, ...] = ()
    """Suspected categories that have not been asked about yet."""

    turns: tuple[Heard, ...] = ()
    transcript: tuple[Said, ...] = ()
    told: tuple[Told, ...] = ()
    speaking: tuple[tuple[str, bool], ...] = ()
    """(line, may be cut off) of all that is queued and not finished."""
    spoke_at: datetime | None = None
    """When a line of ours was last said or finished: a cough does not restart the silence."""
    recent: tuple[Say | SayPlace, ...] = ()
    """What was said since the caller last had the floor, for "say it again"."""

    done: frozenset[str] = frozenset()
    pending: Pending | None = None
    failed: int = 0
    """Failed turns before anything was understood."""
    noises: int = 0
    acted_on_partial: bool = False
    keys: str = ""
    silence_rung: int = 0
    company_turn: int = 0
    limit_passed: bool = False
    notice_given: bool = False
    news: tuple[str, ...] = ()
    """Phrases that have become true and wait for the next pause (G-06, G-07)."""
    accepted: bool = False
    acknowledged: bool = False

    opened_at: datetime | None = None
    orders: tuple[AlertOrder, ...] = ()
    tasks: tuple[TaskOrder, ...] = ()
    report: Report | None = None
    """The last one given to the shell."""
    disposition: Disposition | None = None

    @property
    def spoken(self) -> frozenset[str]:
        return frozenset(told.line for told in self.told)

    @property
    def place(self) -> Place:
        get = self.facts.get
        return Place(
            building=get("building"),
            unit=get("unit"),
            floor=get("floor"),
            room=get("room"),
            landmark=get("landmark"),
            as_said=self.place_as_said,
            verified=self.place_verified,
        )
