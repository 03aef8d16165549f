"""Which voices speak (`prompts/voices/voices.yaml`), and how they are made ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.speech.kokoro_model import Progress, quiet
from ivr.speech.kokoro_synthesizer import KokoroSynthesizer
from ivr.speech.voice_pack import BrokenPack, read_all_words


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    product: dict[str, str]
    callers: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Cast:
    """The voices by language: the product's own, and those that play callers."""

    product: Mapping[str, str]
    callers: Mapping[str, list[str]]


def read_cast(prompts_dir: Path) -> Cast:
    """Read `voices/voices.yaml`. Raises `BrokenPack` naming file and fault."""
    path = prompts_dir / "voices" / "voices.yaml"
    try:
        content = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as fault:
        raise BrokenPack(f"{path}: {fault}") from fault
    return Cast(content.product, content.callers)


def product_voice(
    prompts_dir: Path, cache_dir: Path, *, threads: int = 2, progress: Progress = quiet
) -> KokoroSynthesizer:
    """The voice residents hear. The model is loaded (and assembled) at the first word."""
    return _kokoro(prompts_dir, cache_dir, read_cast(prompts_dir).product, threads, progress)


def caller_voice(
    prompts_dir: Path,
    cache_dir: Path,
    which: int = 0,
    *,
    threads: int = 2,
    progress: Progress = quiet,
) -> KokoroSynthesizer:
    """A test caller's voice, never the product's; `which` picks one (it wraps around)."""
    callers = read_cast(prompts_dir).callers
    voices = {lang: names[which % len(names)] for lang, names in callers.items()}
    return _kokoro(prompts_dir, cache_dir, voices, threads, progress)


def _kokoro(
    prompts_dir: Path, cache_dir: Path, voices: Mapping[str, str], threads: int, progress: Progress
) -> KokoroSynthesizer:
    words = read_all_words(prompts_dir)
    folder = prompts_dir / "voices"
    return KokoroSynthesizer(folder, cache_dir, voices, words, threads=threads, progress=progress)
