"""A broken file names itself, and the last good edition keeps answering."""

import shutil
from pathlib import Path

import pytest

from ivr.documents import BrokenDocument
from ivr.editions import compile_edition, edition_files, put_in_force
from tests.fakes.editions import ROOT

pytestmark = pytest.mark.unit


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("playbooks", "prompts"):
        shutil.copytree(ROOT / folder, tmp_path / "tree" / folder)
    return tmp_path / "tree"


def edit(root: Path, name: str, old: str, new: str) -> None:
    file = root / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_broken_playbook_names_file_line_path_and_remedy(copy: Path) -> None:
    edit(copy, "playbooks/fire.yaml", "severity: high", "severity: urgent")
    with pytest.raises(BrokenDocument) as broken:
        compile_edition(edition_files(copy), None)
    assert broken.value.file == "playbooks/fire.yaml"
    text = (copy / "playbooks/fire.yaml").read_text(encoding="utf-8").splitlines()
    assert "urgent" in text[broken.value.line - 1]
    assert broken.value.path == "$.severity"
    assert "critical" in str(broken.value)


def test_the_last_good_edition_answers_when_a_file_is_broken(copy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    good = put_in_force(copy, None, kept)
    assert good.problem is None
    edit(copy, "playbooks/lift.yaml", "steps:", "steps: [")
    after = put_in_force(copy, None, kept)
    assert after.edition.revision == good.edition.revision
    assert after.root == kept
    assert after.problem is not None
    assert "playbooks/lift.yaml" in after.problem


def test_a_broken_first_edition_refuses_to_start(copy: Path, tmp_path: Path) -> None:
    edit(copy, "prompts/zh/fire.yaml", "FIRE-L1:", "FIRE-X1:")
    with pytest.raises(BrokenDocument, match="FIRE-L1"):
        put_in_force(copy, None, tmp_path / "kept")


def test_a_corrected_file_is_in_force_again(copy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    put_in_force(copy, None, kept)
    edit(copy, "prompts/zh/fire.yaml", "走楼梯", "请走楼梯")
    fresh = put_in_force(copy, None, kept)
    assert fresh.problem is None
    assert fresh.edition.library.texts["zh"]["FIRE-L2"].startswith("请走楼梯")
    edit(copy, "prompts/zh/fire.yaml", "FIRE-L2:", "FIRE-L2: [")
    again = put_in_force(copy, None, kept)
    assert again.edition.revision == fresh.edition.revision
