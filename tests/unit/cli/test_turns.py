"""The caller's turns on the command line, and what is said when they are wrong."""

from pathlib import Path

import click
import numpy as np
import pytest

from ivr.audio import wav
from ivr.cli.turns import as_turns, audio_of, sample_turns, split
from tests.fakes.editions import ROOT

pytestmark = pytest.mark.unit


def test_turns_keep_their_order_and_several_may_follow_one_kind() -> None:
    words = ("--say", "着火了", "三栋", "--keys", "1#", "--type", "好")
    assert split(words) == [
        ("--say", "着火了"),
        ("--say", "三栋"),
        ("--keys", "1#"),
        ("--type", "好"),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [(("着火了",), "--say"), (("--shout", "x"), "no such option"), (("--say",), "needs a value")],
)
def test_a_wrong_command_line_says_what_would_be_right(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(click.UsageError, match=says):
        split(words)


def test_keys_that_no_telephone_has_are_refused() -> None:
    with pytest.raises(click.ClickException, match="0-9"):
        as_turns([("--keys", "12a")], lambda _: b"")


def test_a_missing_and_a_wrong_audio_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="No such file"):
        audio_of(tmp_path / "none.wav")
    bad = tmp_path / "stereo.wav"
    stereo = wav.stereo(np.zeros(80, np.int16), np.zeros(80, np.int16))
    wav.save(bad, stereo, channels=2)
    with pytest.raises(click.ClickException, match="mono"):
        audio_of(bad)


def test_the_sample_call_is_shipped_with_its_words() -> None:
    turns = sample_turns(ROOT / "prompts" / "sample_call")
    assert len(turns) == 3
    assert all(turn.audio and turn.text for turn in turns)
