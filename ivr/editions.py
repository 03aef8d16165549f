"""The edition in force: files on disk, compiled; a broken file never replaces a good edition."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.dialog.edition import Edition
from ivr.documents import BrokenDocument
from ivr.nlu.estate import Estate, EstateError, read_estate
from ivr.nlu.lexicon import compile_lexicon
from ivr.playbook.library import LANGS, compile_library, revision_of
from ivr.playbook.lint import lint
from ivr.speech.voice_pack import BrokenPack, read_manifest

log = logging.getLogger(__name__)

SAMPLE_ESTATE = "playbooks/estates/sample.yaml"


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
        return read_estate(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        advice = "give the path of a file shaped like playbooks/estates/sample.yaml"
        raise EstateError(f"{file}: there is no such file; {advice}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise EstateError(f"{file}: cannot be read: {error}; save it as UTF-8 text") from error
    except EstateError as error:
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
    try:
        edition = _whole(root, estate)
    except (ValueError, BrokenPack) as error:
        if not (kept / "playbooks").is_dir():
            raise
        log.error("edition refused, the last good one keeps answering: %s", error)  # noqa: TRY400
        good = estate_file or kept / SAMPLE_ESTATE
        return InForce(_whole(kept, good), kept, str(error))
    _keep(edition, root, kept)
    return InForce(edition, root)


def _whole(root: Path, estate: Path) -> Edition:
    """An edition, its estate and its recordings' manifests, all readable."""
    edition = compile_edition(edition_files(root), load_estate(estate))
    for lang in LANGS:
        read_manifest(root / "prompts", lang)
    return edition


def _keep(edition: Edition, root: Path, kept: Path) -> None:
    """Copy a good edition aside, whole or not at all."""
    if _revision_of(kept) == edition.revision:
        return
    fresh = kept.with_name(f"{kept.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in ("playbooks", "prompts"):
        shutil.copytree(root / folder, fresh / folder)
    shutil.rmtree(kept, ignore_errors=True)
    fresh.rename(kept)


def _revision_of(root: Path) -> str | None:
    return revision_of(edition_files(root)) if root.is_dir() else None
