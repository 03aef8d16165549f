"""The caller's turns of `ivr call`, in the order they stand on the command line."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from ivr.audio import mulaw, wav
from ivr.audio.wav import BadAudio
from ivr.phone.caller import Turn

KINDS = ("--audio", "--say", "--type", "--keys")
Speak = Callable[[str], bytes]
"""Text to mu-law audio in a caller's voice."""


def split(words: Sequence[str]) -> list[tuple[str, str]]:
    """Return (kind, value) per turn: values follow their kind, several may follow one.

    Raises:
        click.UsageError: a value before any kind, an unknown option, or a kind without a value.
    """
    turns: list[tuple[str, str]] = []
    kind = ""
    for word in words:
        if word in KINDS:
            kind = word
        elif word.startswith("--"):
            message = f"no such option: {word}; turns are {', '.join(KINDS)}"
            raise click.UsageError(message)
        elif not kind:
            message = f"say how {word!r} is given: --say, --type, --audio or --keys before it"
            raise click.UsageError(message)
        else:
            turns.append((kind, word))
    if kind and not turns:
        message = f"{kind} needs a value behind it"
        raise click.UsageError(message)
    return turns


def as_turns(chosen: Sequence[tuple[str, str]], speak: Speak) -> list[Turn]:
    """Make the turns of the simulated caller.

    Raises:
        click.ClickException: an audio file that cannot be used; says which would be right.
    """
    return [_turn(kind, value, speak) for kind, value in chosen]


def _turn(kind: str, value: str, speak: Speak) -> Turn:
    match kind:
        case "--audio":
            return Turn(audio=audio_of(Path(value)), text=None)
        case "--say":
            return Turn(audio=speak(value), text=value)
        case "--type":
            return Turn(text=value)
        case _:
            if not value or any(key not in "0123456789*#" for key in value):
                message = f"{value!r} are not telephone keys; use 0-9, * and #"
                raise click.ClickException(message)
            return Turn(keys=value)


def audio_of(path: Path) -> bytes:
    """Read a WAV as mu-law; complain in words that say what would be right."""
    try:
        return mulaw.encode(wav.load(path))
    except (BadAudio, OSError) as error:
        raise click.ClickException(str(error)) from error


def sample_turns(folder: Path) -> list[Turn]:
    """The recorded Mandarin caller that comes with the product."""
    with (folder / "sample_call.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [Turn(audio=audio_of(folder / row["file"]), text=row["text"]) for row in rows]
