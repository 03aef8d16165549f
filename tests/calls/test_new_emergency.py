"""A new emergency needs files only: wasps are added to a copy, and answered in both languages."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.documents import BrokenDocument
from ivr.editions import InForce, put_in_force
from tests.calls.script import Script, play, scripts_in
from tests.fakes.stage import ROOT

pytestmark = pytest.mark.calls

ADDED = Path(__file__).parent / "new_emergency"


@dataclass(frozen=True, slots=True)
class Copy:
    root: Path
    kept: Path
    first: InForce


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The shipped files, the new ones beside them, one line more in two tables. No Python."""
    root = tmp_path_factory.mktemp("edition")
    kept = root / "kept"
    for part in ("playbooks", "prompts"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("*.wav", "*.bin"))
    shutil.copytree(ADDED, root, dirs_exist_ok=True)
    facts, more = root / "playbooks" / "facts.yaml", root / "playbooks" / "facts.more.yaml"
    lines = facts.read_text(encoding="utf-8") + more.read_text(encoding="utf-8")
    facts.write_text(lines, encoding="utf-8")
    more.unlink()
    table = root / "playbooks" / "precedence.yaml"
    text = table.read_text(encoding="utf-8").replace("  - weapon\n", "  - wasps\n  - weapon\n", 1)
    table.write_text(text, encoding="utf-8")
    return Copy(root, kept, put_in_force(root, None, kept))


@pytest.mark.parametrize(
    "script", [*scripts_in(ADDED / "scripts/zh"), *scripts_in(ADDED / "scripts/en")], ids=str
)
def test_the_new_emergency_is_answered(script: Script, copy: Copy) -> None:
    play(script, copy.first.edition)


def test_it_did_not_exist_before() -> None:
    assert "wasps" not in {file.stem for file in (ROOT / "playbooks").glob("*.yaml")}


def test_a_broken_new_file_leaves_the_last_good_edition_in_force(copy: Copy) -> None:
    file = copy.root / "playbooks" / "wasps.yaml"
    whole = file.read_text(encoding="utf-8")
    try:
        file.write_text(whole.replace("severity: high", "severity: huge"), encoding="utf-8")
        refused = put_in_force(copy.root, None, copy.kept)
        assert refused.edition.revision == copy.first.edition.revision
        assert "playbooks/wasps.yaml, line 8, $.severity" in (refused.problem or "")
        with pytest.raises(BrokenDocument, match="huge"):
            put_in_force(copy.root, None, copy.root / "nothing kept")
    finally:
        file.write_text(whole, encoding="utf-8")
    assert put_in_force(copy.root, None, copy.kept).problem is None
