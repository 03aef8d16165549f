"""The `ivr` command."""

import logging
import sys

import click

from ivr.cli.bench import bench
from ivr.cli.call import call
from ivr.cli.checks import check, doctor
from ivr.cli.evaluate import evaluate
from ivr.cli.models import models
from ivr.cli.replay import export, replay
from ivr.cli.serve import serve, worker
from ivr.cli.testing import test
from ivr.cli.transcribe import transcribe
from ivr.cli.understand import understand
from ivr.cli.voice import voice


class Complaining(click.Group):
    """Turns our own errors into one plain message; a traceback is never the answer."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, SystemExit):
            raise
        except Exception as error:
            if ctx.params.get("verbose"):
                logging.getLogger("ivr").exception("command failed")
            raise click.ClickException(f"{error}") from error


@click.group(cls=Complaining)
@click.option("-v", "--verbose", is_flag=True, help="Log what happens, with tracebacks.")
def cli(verbose: bool) -> None:
    """The estate's emergency hotline."""
    level = logging.INFO if verbose else logging.ERROR
    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=level, stream=sys.stderr, format=form)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)


for command in (
    bench,
    call,
    check,
    doctor,
    evaluate,
    export,
    models,
    replay,
    serve,
    test,
    transcribe,
    understand,
    voice,
    worker,
):
    cli.add_command(command)
