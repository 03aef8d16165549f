"""`ivr eval`: how well callers are understood, as numbers that are kept and must not fall."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ivr.cli.progress import Bar
from ivr.cli.understand import EXISTING, shipped_lexicon
from ivr.cli.voice import measure as measure_voice
from ivr.editions import edition_files, load_estate
from ivr.evaluation.history import Entry, falls, mark_to_reach, read_history, written
from ivr.evaluation.judging import SAMPLE_SIZE, CallerAudio, judge_audio, judge_text, sample
from ivr.evaluation.report import as_text, document
from ivr.evaluation.rows import Row, read_rows
from ivr.evaluation.scores import Judged
from ivr.factory import ROOT, build_recognizer
from ivr.nlu.estate import Estate
from ivr.nlu.lexicon import Lexicon
from ivr.playbook.library import revision_of
from ivr.settings import Settings
from ivr.speech.kokoro_synthesizer import RENDERER
from ivr.speech.voices import caller_voice, read_cast

LABELLED = ROOT / "tests" / "labelled"
SETS = ("dev", "test")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured."""

    chosen: str
    audio: bool
    noise_db: float | None
    size: int | None
    """Rows of the audio sample; None = all that can be spoken."""
    estate: Path | None

    @property
    def source(self) -> str:
        return "telephone audio" if self.audio else "text"


@click.command("eval")
@click.option("--set", "chosen", type=click.Choice(SETS), default="dev", help="Labelled set.")
@click.option("--audio", is_flag=True, help="Spoken by callers' voices over a telephone.")
@click.option("--noise", type=click.Choice(["20", "10"]), help="Decibels of speech over noise.")
@click.option("--sample", "size", type=click.IntRange(1), default=SAMPLE_SIZE, show_default=True)
@click.option("--all", "everything", is_flag=True, help="Every row that can be spoken.")
@click.option("--estate", type=EXISTING, help="Repair places to what exists on this estate.")
@click.option("--history", type=click.Path(dir_okay=False, path_type=Path), help="Keep figures.")
@click.option("--voice", is_flag=True, help="Instead: read our own prompts back, per voice.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    chosen: str,
    audio: bool,
    noise: str | None,
    size: int,
    everything: bool,
    estate: Path | None,
    history: Path | None,
    voice: bool,
    as_json: bool,
) -> None:
    """Score understanding on the project's labelled sets (tests/labelled).

    With --history FILE the figures are appended there; exit 1 where critical recall is lower than
    in the last accepted run of the same kind.
    """
    if voice:
        ctx.invoke(measure_voice)
        return
    if (noise or everything) and not audio:
        raise click.UsageError("--noise and --all belong to --audio")
    noise_db = float(noise) if noise else None
    wanted = Wanted(chosen, audio, noise_db, None if everything else size, estate)
    kept = read_history(_text(history)) if history else []
    what, judged, lexicon = _judge(wanted, quiet=as_json)
    report = {"what": what, **document(judged, lexicon.precedence)}
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else _tables(report))
    if history is not None:
        _keep(history, kept, report)


def labelled(chosen: str) -> list[Row]:
    """Rows of a set of this project. Raises ValueError naming the line."""
    return read_rows((LABELLED / f"{chosen}.tsv").read_text(encoding="utf-8"))


def _judge(wanted: Wanted, *, quiet: bool) -> tuple[dict[str, Any], list[Judged], Lexicon]:
    """(what was measured, the judged rows, the lexicon they were judged with)."""
    rows, lexicon, estate = labelled(wanted.chosen), shipped_lexicon(), load_estate(wanted.estate)
    what: dict[str, Any] = {
        "set": wanted.chosen,
        "source": wanted.source,
        "estate": wanted.estate.name if wanted.estate else None,
    }
    if not wanted.audio:
        return what, judge_text(rows, lexicon, estate), lexicon
    spoken = sample(rows, wanted.size)
    with Bar(quiet=quiet) as bar:
        engine, judged = _listen(spoken, lexicon, estate, wanted.noise_db, bar)
    noise = f"{wanted.noise_db:g} dB" if wanted.noise_db is not None else "clean"
    size = "all" if wanted.size is None else wanted.size
    return {**what, "noise": noise, "engine": engine, "sample": size}, judged, lexicon


def _listen(
    rows: list[Row], lexicon: Lexicon, estate: Estate | None, noise_db: float | None, bar: Bar
) -> tuple[str, list[Judged]]:
    settings, prompts = Settings(), ROOT / "prompts"
    count = max(len(names) for names in read_cast(prompts).callers.values())
    speakers = [caller_voice(prompts, settings.models_dir, which) for which in range(count)]
    audio = CallerAudio(speakers, settings.models_dir / "evaluation", RENDERER)
    for number, row in enumerate(rows, 1):
        audio.pcm(row)
        bar.show("speaking the rows", number / len(rows))
    recognizer = build_recognizer(settings, bar.show)

    def heard(done: float) -> None:
        bar.show("listening", done)

    judged = judge_audio(
        rows, audio.pcm, recognizer, lexicon, estate, noise_db=noise_db, progress=heard
    )
    return recognizer.engine, judged


def _tables(report: Mapping[str, Any]) -> str:
    what = ", ".join(f"{key} {value}" for key, value in report["what"].items() if value)
    return f"{what}\n{as_text(report)}"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _keep(file: Path, kept: list[Entry], report: Mapping[str, Any]) -> None:
    """Append the figures; exit 1 where critical recall fell."""
    mark = mark_to_reach(kept, report["what"])
    refused = falls(report["all"], mark)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    edition = revision_of(edition_files(ROOT))
    entry = Entry(at, report["what"], report["all"], edition, refused)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(written(entry))
    if refused:
        recall = report["all"]["critical_recall"]
        raise click.ClickException(
            f"refused: recall of critical rows fell from {mark:.4f} to {recall:.4f}"
        )
