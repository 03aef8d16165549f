"""The shipped sentence files, as text, for tests of understanding."""

from functools import cache
from pathlib import Path

from ivr.nlu.lexicon import Lexicon, compile_lexicon

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"


@cache
def shipped() -> Lexicon:
    """The shipped lexicon, compiled once per test run."""
    return compile_lexicon(files())


def files() -> dict[str, str]:
    """Name -> text, as `compile_lexicon` wants them."""
    found = {
        f"{path.parent.name}/{path.stem}": path.read_text(encoding="utf-8")
        for path in sorted((PLAYBOOKS / "sentences").glob("*/*.yaml"))
        if path.stem != "_hallucinations"
    }
    for name in ("precedence", "facts"):
        found[name] = (PLAYBOOKS / f"{name}.yaml").read_text(encoding="utf-8")
    return found
