"""Fresh wordings in both languages: which share is understood, and what must never happen."""

from pathlib import Path

import pytest
import yaml

from ivr.nlu.understand import understand
from ivr.nlu.understanding import Heard
from tests.unit.nlu.lexicon_files import shipped

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).parents[2] / "sentences"
QUIET = ("none", "enquiry")


def rows(lang: str) -> list[tuple[str, str]]:
    files = sorted((FOLDER / lang).glob("*.yaml"))
    loaded = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return [(category, says) for file in loaded for category in file for says in file[category]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nearly_all_fresh_wordings_get_their_playbook(lang: str) -> None:
    wanted = rows(lang)
    right = [
        says
        for category, says in wanted
        if understand([Heard(says)], shipped()).category == category
    ]
    assert len(right) >= 0.95 * len(wanted)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_emergency_is_ended_quietly(lang: str) -> None:
    for category, says in rows(lang):
        read = understand([Heard(says)], shipped())
        if category not in QUIET and read.next == "act":
            assert read.category not in QUIET, says


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_small_matter_alerts_anybody(lang: str) -> None:
    for category, says in rows(lang):
        read = understand([Heard(says)], shipped())
        if category == "none" and read.next == "act":
            assert read.category == "none", says
