"""The edition in force: files on disk, compiled; a broken file never replaces a good edition."""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.dialog.edition import Edition
from ivr.documents import BrokenDocument, parse
from ivr.escalation.policy import read_policy
from ivr.incident.sheets import read_sheets
from ivr.incident.words import read_card
from ivr.nlu.estate import Estate, EstateError, read_estate
from ivr.nlu.lexicon import compile_lexicon
from ivr.playbook.library import LANGS, compile_library, required, revision_of
from ivr.playbook.lint import lint
from ivr.speech.voice_pack import BrokenPack, read_manifest

log = logging.getLogger(__name__)

SAMPLE_ESTATE = "playbooks/estates/sample.yaml"
TABLES: Mapping[str, Callable[[str, str], object]] = {
    "playbooks/_escalation.yaml": read_policy,
    "playbooks/card.yaml": read_card,
    "playbooks/sheets.yaml": read_sheets,
}
"""What alerts and sheets are made of, read when the hotline is built: part of a good edition."""


def edition_files(root: Path) -> dict[str, str]:
    """Read every text an edition is made of: path relative to `root` -> text.

    Raises:
        BrokenDocument: a file is not readable as UTF-8.
    """
    patterns = ("playbooks/*.yaml", "playbooks/sentences/*/*.yaml", "prompts/*/*.yaml")
    found: dict[str, str] = {}
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root).as_posix()
            try:
                found[name] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                problem = f"cannot be read: {error}; save it as UTF-8 text"
                raise BrokenDocument(name, 1, "$", problem) from error
    return found


def compile_edition(files: Mapping[str, str], estate: Estate | None) -> Edition:
    """Compile and check one edition.

    Raises:
        BrokenDocument, ivr.nlu.lexicon.LexiconError: with file, line, path and remedy.
    """
    library = compile_library(files)
    problems = lint(library)
    if problems:
        first = problems[0]
        raise BrokenDocument(first.file, 1, first.path, first.problem)
    return Edition(library, compile_lexicon(lexicon_files(files)), estate)


def lexicon_files(files: Mapping[str, str]) -> dict[str, str]:
    """The texts understanding is made of, under the names it knows them by."""
    prefix = "playbooks/sentences/"
    chosen = {
        name.removeprefix(prefix).removesuffix(".yaml"): text
        for name, text in files.items()
        if name.startswith(prefix)
    }
    for table in ("facts", "precedence"):
        if f"playbooks/{table}.yaml" in files:
            chosen[table] = files[f"playbooks/{table}.yaml"]
    return chosen


def load_estate(file: Path | None) -> Estate | None:
    """Read an estate; None where none is named.

    Raises:
        EstateError: the file is missing, unreadable or wrong; begins with the file's name.
    """
    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8")
        parse(text, file.name)  # a key that stands twice
        return read_estate(text)
    except FileNotFoundError as error:
        advice = "give the path of a file shaped like playbooks/estates/sample.yaml"
        raise EstateError(f"{file}: there is no such file; {advice}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise EstateError(f"{file}: cannot be read: {error}; save it as UTF-8 text") from error
    except (EstateError, BrokenDocument) as error:
        raise EstateError(f"{file}: {error}") from error


@dataclass(frozen=True, slots=True)
class InForce:
    """The edition that calls are pinned to, and where its files lie."""

    edition: Edition
    root: Path
    problem: str | None = None
    """Why the files on disk are not in force, for the people who edit them."""


def put_in_force(root: Path, estate_file: Path | None, kept: Path) -> InForce:
    """Compile the files under `root`; where they are broken, the last good ones under `kept`.

    Raises:
        BrokenDocument, LexiconError, EstateError, BrokenPack: broken, and no good one is kept.
    """
    estate = estate_file or root / SAMPLE_ESTATE
    spare = _spare(kept, estate)
    try:
        edition = _whole(root, estate)
    except (ValueError, BrokenPack) as error:
        if not (kept / "playbooks").is_dir():
            raise
        log.error("edition refused, the last good one keeps answering: %s", error)  # noqa: TRY400
        good = spare if spare.exists() else estate
        return InForce(_whole(kept, good), kept, str(error))
    try:
        _keep(edition, root, estate, kept)
    except OSError:
        log.exception("the good edition answers, but could not be kept aside")
    return InForce(edition, root)


def _whole(root: Path, estate: Path) -> Edition:
    """An edition, its estate, its recordings' manifests and all tables, all readable."""
    files = edition_files(root)
    edition = compile_edition(files, load_estate(estate))
    for name, reader in TABLES.items():
        reader(required(files, name), name)
    for name, text in files.items():
        parse(text, name)  # what other readers forgive: a key that stands twice
    for lang in LANGS:
        read_manifest(root / "prompts", lang)
    return edition


def _spare(kept: Path, estate: Path) -> Path:
    """Where the copy of this estate lies. Its path is in the name: the sample estate, kept while
    trying the hotline out, must never stand in for the estate of a deployment.
    """
    mark = hashlib.sha256(str(estate.resolve()).encode()).hexdigest()[:12]
    return kept / f"estate-{mark}.yaml"


def _keep(edition: Edition, root: Path, estate: Path, kept: Path) -> None:
    """Copy a good edition and its estate aside, whole or not at all."""
    spare = _spare(kept, estate)
    if _revision_of(kept) == edition.revision and _same(spare, estate):
        return
    fresh = kept.with_name(f"{kept.name}.{os.getpid()}")  # web and worker start side by side
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in ("playbooks", "prompts"):
        shutil.copytree(root / folder, fresh / folder)
    shutil.copyfile(estate, fresh / spare.name)
    shutil.rmtree(kept, ignore_errors=True)
    fresh.rename(kept)


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def _revision_of(root: Path) -> str | None:
    try:
        return revision_of(edition_files(root)) if root.is_dir() else None
    except BrokenDocument:
        return None
