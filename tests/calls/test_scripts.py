"""Whole conversations, played word for word: every playbook, both languages."""

from pathlib import Path

import pytest

from tests.calls.script import Script, play, scripts_in
from tests.fakes.stage import shipped_edition

pytestmark = pytest.mark.calls

HERE = Path(__file__).parent
SCRIPTS = [*scripts_in(HERE / "zh"), *scripts_in(HERE / "en")]


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_the_call_goes_as_written(script: Script) -> None:
    play(script, shipped_edition())
