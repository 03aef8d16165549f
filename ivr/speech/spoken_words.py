"""Read `prompts/<lang>/voice/spoken.yaml` into `SpokenWords`, checked."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.speech.spoken import SpokenWords


class BrokenSpokenWords(Exception):
    """`spoken.yaml` is missing or wrong; the message names the file and the fault."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    digits: tuple[str, ...] = Field(min_length=10, max_length=10)
    run_digits: tuple[str, ...] = Field(min_length=10, max_length=10)
    small: tuple[str, ...] = Field(min_length=20, max_length=20)
    tens: tuple[str, ...] = Field(min_length=10, max_length=10)
    hundred: str
    thousand: str
    zero_between: str
    joint: str
    pair: str
    counted: tuple[str, ...]
    measures: tuple[str, ...]
    abbreviations: dict[str, str]
    dash: str
    minus_floor: str
    place: dict[str, str]
    letters: str
    ranges: dict[str, tuple[int, int]]
    lettered: dict[str, str]
    digit_pairs: bool
    more_pieces: tuple[str, ...]
    lines: dict[str, str]
    foreign: dict[str, str]
    pronounce: dict[str, str]


def read_spoken_words(prompts_dir: Path, lang: str) -> SpokenWords:
    """The words of `lang`. Raises `BrokenSpokenWords` naming file and fault."""
    path = prompts_dir / lang / "voice" / "spoken.yaml"
    try:
        content = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as fault:
        raise BrokenSpokenWords(f"{path}: {fault}") from fault
    return SpokenWords(lang=lang, **content.model_dump())
