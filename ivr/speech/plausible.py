"""Could a caller have said this? The last gate before a text may become an emergency.

Whisper invents text for noise: its own numbers (`no_speech`, mean log-probability) separate that
from speech only thinly, so neither decides alone; the voice detector stands before them. What is
known to be invented is a list in `playbooks/sentences/<lang>/_hallucinations.yaml`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from ivr.speech.recognizer import Rejection

NO_SPEECH: Final = 0.3
"""Noise of 18 kinds had 0.35 and more, speech down to 10 dB of noise 0.0-0.19 …"""
SURELY_NO_SPEECH: Final = 0.6
POOR_LOG_PROB: Final = -0.7
"""… and mostly -0.9 and less, against -0.8 and more (docs/measurements/recognition.md)."""
HOPELESS_LOG_PROB: Final = -1.3
"""Speech never came near this, whatever the other number says."""
SURE_LOG_PROB: Final = -0.5
FASTEST: Final = 11.0
"""Syllables a second that nobody speaks."""
_RUN: Final = re.compile(r"(.{4,}?)\1+")
_SHORT_RUN: Final = re.compile(r"([^\W\d]{1,3}?)\1{5,}")
_SYLLABLE: Final = re.compile(r"[\u4e00-\u9fff]|[0-9]|[A-Za-z']+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure the engine was."""

    no_speech: float
    """0..1, that there was no speech at all."""
    mean_log_prob: float
    """Mean natural logarithm of the tokens' probabilities."""
    audio_s: float


class _Lists(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    contains: tuple[str, ...]
    whole: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inventions:
    """What the engine is known to invent, folded by `_folded`."""

    contains: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()

    @classmethod
    def load(cls, files: Iterable[Path]) -> "Inventions":
        """Return what the `_hallucinations.yaml` `files` list.

        Raises:
            OSError, yaml.YAMLError, pydantic.ValidationError: a file is missing or malformed.
        """
        lists = [_Lists.model_validate(yaml.safe_load(file.read_text("utf-8"))) for file in files]
        return cls(
            tuple(_folded(text) for each in lists for text in each.contains),
            frozenset(_folded(text) for each in lists for text in each.whole),
        )


def without_repeats(text: str) -> str:
    """Return `text` with repeated sentences said once, and cries of one word at most three times.

    A caller does cry "help" three times; a lost decoder writes a sentence five times.
    """
    return _SHORT_RUN.sub(lambda run: run[1] * 3, _RUN.sub(_once, text))


def rejected(text: str, evidence: Evidence, inventions: Inventions) -> Rejection | None:
    """Return why `text` must not be believed, None where it may be."""
    folded = _folded(text)
    if not folded:
        return "silence"
    if any(phrase in folded for phrase in inventions.contains):
        return "hallucination"
    unsure = evidence.no_speech > NO_SPEECH or evidence.mean_log_prob < POOR_LOG_PROB
    if folded in inventions.whole and (unsure or evidence.mean_log_prob < SURE_LOG_PROB):
        return "hallucination"
    if len(_SYLLABLE.findall(text)) > FASTEST * evidence.audio_s + 3:
        return "repetition"
    if unsure and len(set(folded)) == 1 and len(folded) > 2:
        return "repetition"
    both = evidence.no_speech > NO_SPEECH and evidence.mean_log_prob < POOR_LOG_PROB
    hopeless = evidence.mean_log_prob < HOPELESS_LOG_PROB
    return "noise" if both or hopeless or evidence.no_speech > SURELY_NO_SPEECH else None


def _once(run: re.Match[str]) -> str:
    # "....", "12121212": punctuation and digits are not sentences; a number may well repeat itself.
    return run[1] if not re.fullmatch(r"[\d\W]+", run[1]) else run[0]


def _folded(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
