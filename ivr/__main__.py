"""`python -m ivr` is `ivr`."""

from ivr.cli.main import cli

cli(prog_name="ivr")
