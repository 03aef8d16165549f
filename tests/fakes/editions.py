"""The shipped edition, compiled once."""

from functools import lru_cache
from pathlib import Path

from ivr.dialog.edition import Edition
from ivr.editions import SAMPLE_ESTATE, compile_edition, edition_files, load_estate

ROOT = Path(__file__).resolve().parents[2]


@lru_cache
def shipped_edition() -> Edition:
    return compile_edition(edition_files(ROOT), load_estate(ROOT / SAMPLE_ESTATE))
