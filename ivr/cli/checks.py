"""`ivr check` and `ivr doctor`: lint of the edition; preflight of a deployment."""

from collections.abc import Callable
from pathlib import Path

import click

from ivr.documents import BrokenDocument
from ivr.editions import SAMPLE_ESTATE, compile_edition, edition_files, load_estate
from ivr.factory import ROOT, build_records, roster_reader
from ivr.playbook.clause_map import clause_map, unlisted
from ivr.playbook.library import compile_library
from ivr.playbook.lint import lint
from ivr.settings import Settings, missing_for_production, with_secrets
from ivr.speech import models, voice_pack


@click.command()
@click.option("--clauses", is_flag=True, help="Print what implements each clause and override.")
def check(clauses: bool) -> None:
    """Check playbooks, prompts, sentences, voice pack and roster; says what would be right."""
    if clauses:
        _print_clauses()
        return
    problems = [*_edition_problems(), *map(str, voice_pack.check(ROOT / "prompts"))]
    problems += _trouble("roster", lambda: roster_reader(Settings())())
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"{len(problems)} things are not right")
    click.echo("playbooks, prompts, sentences, voice pack and roster are whole")


def _print_clauses() -> None:
    """The plan's clauses and the review's overrides, and what implements each."""
    files = edition_files(ROOT)
    library = compile_library(files)
    rows = clause_map(library, files)
    for row in rows:
        click.echo(str(row))
    missing = [*(row.clause for row in rows if not row.complete), *unlisted(library, rows)]
    if missing:
        raise click.ClickException(f"not implemented or not in the plan: {', '.join(missing)}")
    click.echo(f"{len(rows)} clauses and overrides, each with what implements it")


def _edition_problems() -> list[str]:
    try:
        found = [str(problem) for problem in lint(compile_library(edition_files(ROOT)))]
    except BrokenDocument as broken:
        return [str(broken)]
    estate = Settings().estate
    file = Path(estate) if estate else ROOT / SAMPLE_ESTATE
    return found + _trouble(
        "edition", lambda: compile_edition(edition_files(ROOT), load_estate(file))
    )


def _trouble(what: str, act: Callable[[], object]) -> list[str]:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - every complaint becomes a line of the check
        return [f"{what}: {error}"]
    return []


@click.command()
def doctor() -> None:
    """Look at this machine and its settings as a deployment: what works, what is missing."""
    settings = with_secrets(Settings())
    lines = _trouble("store", lambda: build_records(settings).store.ping())
    lines += [f"missing for production: {m}" for m in missing_for_production(settings)]
    if settings.mode == "try":
        lines.append("mode is try: simulated duty phones, sample estate (IVR_MODE=production)")
    for row in models.rows(settings.models_dir):
        click.echo(f"model {row.name}: {row.state}")
    for line in lines:
        click.echo(f"- {line}")
    if not lines:
        click.echo("nothing is missing")
