"""The phone on the duty desk: answers or does not, presses keys, talks, hangs up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """What a dialled phone does."""

    answers_after_s: float | None = 2.0
    """None: it rings in vain."""
    busy: bool = False
    keys: str = "1"
    """Pressed one after the other, each when a question has been heard."""
    talks_s: float = 3.0
    """How long it talks with the caller before it hangs up."""


ANSWERS = DutyPhone()
NEVER_ANSWERS = DutyPhone(answers_after_s=None)
BUSY = DutyPhone(busy=True)
MAILBOX = DutyPhone(keys="")
"""Answers like a person and never presses a key."""
