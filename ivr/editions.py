"""The edition in force: files on disk, compiled; a broken file never replaces a good edition."""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from ivr.dialog.edition import Edition
from ivr.documents import BrokenDocument
from ivr.nlu.estate import Estate, read_estate
from ivr.nlu.lexicon import compile_lexicon
from ivr.playbook.library import compile_library
from ivr.playbook.lint import lint

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
    return read_estate(file.read_text(encoding="utf-8")) if file and file.exists() else None


class Editions:
    """Holds the edition that new calls are pinned to."""

    def __init__(self, root: Path, estate_file: Path | None) -> None:
        """Raises as `compile_edition` where even the first edition is broken."""
        self._root = root
        self._estate_file = estate_file or root / SAMPLE_ESTATE
        self._lock = threading.Lock()
        self._edition = self._load()
        self.problem: str | None = None
        """Why the files on disk are not in force, for the people who edit them."""

    def current(self) -> Edition:
        return self._edition

    def reload(self) -> bool:
        """Take the files on disk into force if they are whole; else the last good one stays."""
        try:
            fresh = self._load()
        except ValueError as error:
            self.problem = str(error)
            log.error("edition refused, the last good one keeps answering: %s", error)  # noqa: TRY400
            return False
        with self._lock:
            self._edition, self.problem = fresh, None
        return True

    def _load(self) -> Edition:
        return compile_edition(edition_files(self._root), load_estate(self._estate_file))
