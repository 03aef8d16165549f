"""The shipped edition with one thing wrong in it."""

from functools import cache

from ivr.editions import edition_files
from tests.fakes.stage import ROOT


@cache
def shipped() -> dict[str, str]:
    return edition_files(ROOT)


def broken(file: str, old: str, new: str) -> dict[str, str]:
    """The edition's files, `old` replaced by `new` (once) in `file`."""
    files = dict(shipped())
    assert old in files[file], f"{file} no longer holds {old!r}"
    files[file] = files[file].replace(old, new, 1)
    return files


def line_with(file: str, words: str) -> int:
    """Line (from 1) of the shipped file that holds these words."""
    lines = shipped()[file].splitlines()
    return next(i for i, text in enumerate(lines, 1) if words in text)
