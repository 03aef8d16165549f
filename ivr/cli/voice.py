"""`ivr voice`: check the voice pack against the texts, and speak what has changed."""

import click

from ivr.audio.mulaw import Pcm
from ivr.cli.progress import Bar
from ivr.factory import ROOT, build_recognizer
from ivr.settings import Settings
from ivr.speech import voice_pack
from ivr.speech.intelligibility import measure_pack, table
from ivr.speech.kokoro_synthesizer import RENDERER
from ivr.speech.pack_rendering import render_missing
from ivr.speech.voices import product_voice


@click.group()
def voice() -> None:
    """The spoken prompts: check, render, measure."""


@voice.command()
def check() -> None:
    """Compare texts, recordings and hashes."""
    problems = voice_pack.check(ROOT / "prompts")
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise click.ClickException("run: ivr voice render")
    click.echo("every line has its recording")


@voice.command()
def render() -> None:
    """Speak lines that have no recording, or whose text has changed, into the pack."""
    prompts = ROOT / "prompts"
    speaker = product_voice(prompts, Settings().models_dir)
    with Bar() as bar:
        render_missing(
            prompts,
            speaker,
            lambda done, todo, file: bar.show(file, done / max(1, todo)),
            renderer=RENDERER,
        )
    for problem in voice_pack.check(prompts):
        click.echo(str(problem))


@voice.command()
def measure() -> None:
    """Read every line back with the recogniser, through a telephone: share of wrong syllables."""
    recognizer = build_recognizer(Settings())

    def transcribe(pcm: Pcm, lang: str) -> str:
        turn = recognizer.start("en" if lang == "en" else "zh")
        turn.feed(pcm)
        return turn.finish().result().text

    click.echo(table(measure_pack(ROOT / "prompts", transcribe, ("zh", "en"))))
