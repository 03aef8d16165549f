"""`ivr replay CALL`: a journal through the engine again; `ivr export`: a revision to files."""

from pathlib import Path

import click

from ivr.call.journal import events_of
from ivr.cli.conversation import Conversation
from ivr.dialog.engine import advance, new_dialog
from ivr.editions import edition_files
from ivr.factory import ROOT, build_records
from ivr.incident.model import CallId
from ivr.settings import Settings, with_secrets


@click.command()
@click.argument("call")
def replay(call: str) -> None:
    """Fold CALL's journal again: the same events must give the same effects."""
    records = build_records(with_secrets(Settings()))
    entries = records.store.calls.journal_of(CallId(call))
    if not entries:
        raise click.ClickException(f"no call {call} in {records.settings.database}")
    edition = records.edition
    stored = records.store.calls.get(CallId(call))
    if stored and stored.revision != edition.revision:
        click.echo(f"the call followed revision {stored.revision}, in force is {edition.revision}")
    Conversation(records.store, edition, CallId(call), click.echo).catch_up()
    then = [e.payload["effect"] for e in entries if e.kind == "effect"]
    dialog, now = None, []
    for event in events_of(entries):
        step = advance(dialog or new_dialog(CallId(call), event.at), event, edition)
        dialog = step.dialog
        now += [type(effect).__name__ for effect in step.effects]
    if now != then:
        first = next((i for i, (a, b) in enumerate(zip(then, now, strict=False)) if a != b), -1)
        raise click.ClickException(f"the effects differ from number {first + 1} on")
    click.echo(f"{len(entries)} entries replayed: the same {len(now)} effects")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write the edition in force (playbooks, sentences, prompts) into FOLDER."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; nothing is overwritten")
    files = edition_files(ROOT)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    click.echo(f"{len(files)} files written to {folder}")
