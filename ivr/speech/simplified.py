"""Simplified characters from traditional ones, by a table beside this file (from OpenCC)."""

from functools import cache
from pathlib import Path


@cache
def _table() -> dict[int, str]:
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return {ord(line[0]): line[1] for line in lines if line and not line.startswith("#")}


def simplified(text: str) -> str:
    """Return `text` with every traditional character replaced by its usual simplified form."""
    return text.translate(_table())
