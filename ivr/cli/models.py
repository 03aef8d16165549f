"""`ivr models`: which recognisers are here, install, verify."""

import click

from ivr.cli.progress import Bar
from ivr.settings import Settings
from ivr.speech import models as speech_models
from ivr.speech.vosk_editions import VOSK


@click.group()
def models() -> None:
    """The recognisers' models: list, install, verify."""


@models.command("list")
def list_models() -> None:
    """Show what is installed."""
    _show(verify=False)


@models.command()
def verify() -> None:
    """Read and hash every file of every installed model."""
    if not _show(verify=True):
        raise SystemExit(1)


def _show(*, verify: bool) -> bool:
    rows = speech_models.rows(Settings().models_dir, verify=verify)
    for row in rows:
        click.echo(
            f"{row.name:<28} {row.engine:<8} {'+'.join(row.langs):<6} {row.state:<17} {row.note}"
        )
    return all(row.state != "damaged" for row in rows)


@models.command()
@click.argument("lang", type=click.Choice(sorted(VOSK)))
@click.option("--from", "source", required=True, help="The official zip: a file or an address.")
def install(lang: str, source: str) -> None:
    """Install the official Vosk model of a language; its SHA-256 is checked first."""
    edition = next(e for name, e in VOSK.items() if name == lang)
    with Bar() as bar:
        path = speech_models.install_vosk(edition, source, Settings().models_dir, bar.show)
    click.echo(f"installed in {path}; `ivr eval --audio` says which engine is better here")


@models.command()
def path() -> None:
    """Print the folder the models lie in."""
    click.echo(str(Settings().models_dir))
