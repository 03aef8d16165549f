"""Figures over time, and the rule that critical recall never falls."""

from typing import Any

import pytest

from ivr.evaluation.history import (
    BrokenHistory,
    Entry,
    falls,
    mark_to_reach,
    read_history,
    written,
)

pytestmark = pytest.mark.unit

TEXT: dict[str, Any] = {"set": "dev", "source": "text"}
AUDIO: dict[str, Any] = {"set": "dev", "source": "telephone audio"}


def entry(recall: float, what: dict[str, Any] = TEXT, *, refused: bool = False) -> Entry:
    return Entry("2026-01-01T00:00:00+00:00", what, {"critical_recall": recall}, "r1", refused)


def test_what_is_written_is_read_again() -> None:
    entries = [entry(0.9), entry(0.95, AUDIO), entry(0.8, refused=True)]
    assert read_history("".join(written(e) for e in entries)) == entries


def test_the_mark_is_the_last_accepted_run_of_the_same_kind() -> None:
    entries = [entry(0.9), entry(0.93), entry(0.99, AUDIO), entry(0.5, refused=True)]
    assert mark_to_reach(entries, TEXT) == 0.93
    assert mark_to_reach(entries, {"set": "test"}) is None


def test_lower_recall_is_refused_and_equal_recall_is_not() -> None:
    assert falls({"critical_recall": 0.92}, 0.93)
    assert not falls({"critical_recall": 0.93}, 0.93)
    assert not falls({"critical_recall": 0.1}, None)


@pytest.mark.parametrize("line", ["no json", "{}", '{"at":"","what":{},"scores":{},"edition":""}'])
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(BrokenHistory, match="line 2"):
        read_history(f"{written(entry(0.9))}{line}\n")
