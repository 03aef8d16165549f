"""`ivr eval` on text: figures, their history, and the refusal of lower critical recall."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ivr.cli import evaluate
from ivr.cli.main import cli
from ivr.evaluation.history import read_history, written

pytestmark = pytest.mark.unit

HEAD = "id\tlang\ttext\tcategory\tsubtype\tseverity\tslots\tnotes\n"
FIRE = "zh-0001-0\tzh\t三栋着火了\tfire\t\tcritical\tbuilding=3\t\n"
PARCEL = "zh-0002-0\tzh\t我的快递到了没有\tnone\t\tlow\t\t\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(evaluate, "LABELLED", tmp_path)
    (tmp_path / "dev.tsv").write_text(HEAD + FIRE + PARCEL, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["eval", *words])


def figures(*words: str) -> dict[str, Any]:
    done = run("--json", *words)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_the_figures_come_as_one_object(folder: Path) -> None:
    report = figures()
    assert report["what"] == {"set": "dev", "source": "text", "estate": None}
    assert report["all"]["rows"] == 2
    assert report["all"]["critical_recall"] == 1.0
    assert report["slots"]["building"] == 1.0


def test_people_get_tables(folder: Path) -> None:
    done = run()
    assert done.exit_code == 0
    assert "accuracy" in done.output
    assert "slot F1" in done.output


def test_figures_are_kept_and_lower_critical_recall_is_refused(folder: Path) -> None:
    history = folder / "kept" / "history.jsonl"
    assert run("--history", str(history)).exit_code == 0
    # the same words under another label: now a critical row is missed
    (folder / "dev.tsv").write_text(HEAD + FIRE + FIRE.replace("fire", "theft"), encoding="utf-8")
    refused = run("--history", str(history))
    assert refused.exit_code == 1
    assert "fell from 1.0000 to 0.5000" in refused.output
    assert run("--history", str(history)).exit_code == 1, "a refused run is not the new mark"
    entries = read_history(history.read_text(encoding="utf-8"))
    assert [e.refused for e in entries] == [False, True, True]
    assert len({e.edition for e in entries}) == 1


def test_only_like_is_compared_with_like(folder: Path) -> None:
    history = folder / "history.jsonl"
    assert run("--history", str(history)).exit_code == 0
    (entry,) = read_history(history.read_text(encoding="utf-8"))
    better = written(entry).replace('"dev"', '"test"')
    history.write_text(better, encoding="utf-8")
    (folder / "dev.tsv").write_text(HEAD + FIRE.replace("fire", "theft"), encoding="utf-8")
    assert run("--history", str(history)).exit_code == 0


def test_a_broken_history_is_named_before_anything_is_measured(folder: Path) -> None:
    (folder / "history.jsonl").write_text("oops\n", encoding="utf-8")
    done = run("--history", str(folder / "history.jsonl"))
    assert done.exit_code == 1
    assert "line 1" in done.output


@pytest.mark.parametrize("words", [("--noise", "20"), ("--all",), ("--audio", "--noise", "15")])
def test_options_that_mean_nothing_are_refused(words: tuple[str, ...], folder: Path) -> None:
    assert run(*words).exit_code == 2
