"""A broken file names itself, and the last good edition keeps answering."""

import re
import shutil
from pathlib import Path

import pytest

from ivr.documents import BrokenDocument, parse
from ivr.editions import SAMPLE_ESTATE, compile_edition, edition_files, put_in_force
from ivr.nlu.estate import EstateError
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


SPOILT = {
    "the escalation": ("playbooks/_escalation.yaml", "severities: {}", "missing"),
    "the card": ("playbooks/card.yaml", "limit: 70", "missing"),
    "the sheets": ("playbooks/sheets.yaml", "[]", "valid dictionary"),
    "a playbook emptied": ("playbooks/lift.yaml", "", "playbook: <name>"),
    "a playbook that is a list": ("playbooks/lift.yaml", "- playbook: lift", "playbook: <name>"),
    "a playbook that is a word": ("playbooks/lift.yaml", "lift", "playbook: <name>"),
    "prompts that are a list": ("prompts/zh/lift.yaml", "- a", "LINE-ID"),
    "no escalation": ("playbooks/_escalation.yaml", None, "missing"),
    "no card": ("playbooks/card.yaml", None, "missing"),
    "no common lines": ("playbooks/_common.yaml", None, "missing"),
    "no facts": ("playbooks/facts.yaml", None, "missing"),
}


@pytest.mark.parametrize(("name", "text", "said"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_file_is_refused_by_its_own_name(
    copy: Path, tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    if text is None:
        (copy / name).unlink()
    else:
        (copy / name).write_text(text, encoding="utf-8")
    with pytest.raises(BrokenDocument) as broken:
        put_in_force(copy, None, tmp_path / "kept")
    assert broken.value.file == name
    assert said in broken.value.problem
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("table", ["_escalation", "card", "sheets"])
def test_a_broken_table_never_becomes_the_last_good_edition(
    copy: Path, tmp_path: Path, table: str
) -> None:
    kept, name = tmp_path / "kept", f"playbooks/{table}.yaml"
    good = put_in_force(copy, None, kept)
    whole = (copy / name).read_bytes()
    (copy / name).write_text("broken: [", encoding="utf-8")
    after = put_in_force(copy, None, kept)
    assert (after.root, after.edition.revision) == (kept, good.edition.revision)
    assert name in (after.problem or "")
    assert (kept / name).read_bytes() == whole


def test_a_key_that_stands_twice_is_refused_with_its_line(copy: Path, tmp_path: Path) -> None:
    edit(copy, "playbooks/fire.yaml", "severity: high", "severity: high\nseverity: low")
    with pytest.raises(BrokenDocument, match="stands twice") as broken:
        put_in_force(copy, None, tmp_path / "kept")
    text = (copy / "playbooks/fire.yaml").read_text(encoding="utf-8").splitlines()
    assert broken.value.file == "playbooks/fire.yaml"
    assert text[broken.value.line - 1] == "severity: low"


def test_two_keys_of_one_line_and_of_a_nested_list_are_seen_too() -> None:
    for text in ("{a: 1, a: 2}", "x:\n  - y: {a: 1,\n     a: 2}"):
        with pytest.raises(BrokenDocument, match="stands twice"):
            parse(text, "x.yaml")
    assert parse("a: &one {b: 1}\nc: *one\nd: [{b: 1}, {b: 1}]", "x.yaml")["c"] == {"b": 1}


def test_a_broken_or_missing_estate_leaves_the_last_good_one_in_force(
    copy: Path, tmp_path: Path
) -> None:
    own, kept = tmp_path / "own.yaml", tmp_path / "kept"
    shutil.copyfile(copy / SAMPLE_ESTATE, own)
    good = put_in_force(copy, own, kept)
    own.write_text("name: [", encoding="utf-8")
    broken = put_in_force(copy, own, kept)
    own.unlink()
    missing = put_in_force(copy, own, kept)
    for after in (broken, missing):
        assert after.root == kept
        assert after.edition.estate == good.edition.estate
        assert "own.yaml" in (after.problem or "")


def test_an_edited_estate_is_what_is_kept(copy: Path, tmp_path: Path) -> None:
    own, kept = tmp_path / "own.yaml", tmp_path / "kept"
    text = (copy / SAMPLE_ESTATE).read_text(encoding="utf-8")
    own.write_text(text, encoding="utf-8")
    put_in_force(copy, own, kept)
    own.write_text(re.sub("(?m)^name: .*$", "name: Garden", text), encoding="utf-8")
    edited = put_in_force(copy, own, kept)
    assert edited.edition.estate is not None
    assert edited.edition.estate.entry.name == "Garden"
    own.write_text("", encoding="utf-8")
    assert put_in_force(copy, own, kept).edition.estate == edited.edition.estate


def test_the_sample_estate_never_stands_in_for_another(copy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    put_in_force(copy, None, kept)
    with pytest.raises(EstateError, match=r"own\.yaml"):
        put_in_force(copy, tmp_path / "own.yaml", kept)
