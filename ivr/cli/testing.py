"""`ivr test`: the project's own checks and tests, the same at the desk and in CI."""

import subprocess
import sys
import time

import click

from ivr.cli.progress import Bar
from ivr.factory import ROOT
from ivr.settings import Settings
from ivr.speech.kokoro_model import assemble
from ivr.speech.models import whisper_directory

CHECKS = (
    ("format and lint", ["ruff", "check", "ivr", "tests", "app.py"]),
    ("types", ["mypy"]),
    ("import contracts", ["lint-imports"]),
)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--all", "everything", is_flag=True, help="Also the slow parts; what CI runs.")
@click.argument("pytest_words", nargs=-1, type=click.UNPROCESSED)
def test(everything: bool, pytest_words: tuple[str, ...]) -> None:
    """Run lint, types, import contracts, the edition's check and the tests."""
    began = time.monotonic()
    _prepare_models()
    failed = [name for name, words in _checks(everything) if _run(name, words) != 0]
    marks = [] if everything else ["-m", "not slow"]
    tests = [sys.executable, "-m", "pytest", *marks, *(pytest_words or ("tests",))]
    if _run("tests", tests) != 0:
        failed.append("tests")
    click.echo(f"took {time.monotonic() - began:.0f} s")
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")


def _prepare_models() -> None:
    """Join the models once, with progress, so that no test's time-out pays for it."""
    folder = Settings().models_dir
    with Bar() as bar:
        whisper_directory(folder, bar.show)
        assemble(folder, lambda done, total, label: bar.show(label, done / total))


def _checks(everything: bool) -> list[tuple[str, list[str]]]:
    scripts = ROOT / ".venv" / "bin"
    chosen = CHECKS if everything else tuple(c for c in CHECKS if c[0] != "types")
    found = [(name, [str(scripts / words[0]), *words[1:]]) for name, words in chosen]
    return [*found, ("edition", [sys.executable, "-m", "ivr", "check"])]


def _run(name: str, words: list[str]) -> int:
    click.echo(f"── {name} " + "─" * (60 - len(name)))
    return subprocess.run(words, cwd=ROOT, check=False).returncode  # noqa: S603
