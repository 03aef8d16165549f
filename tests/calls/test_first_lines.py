"""The life-saving line comes first: each first line of the plan is reached by what callers say."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.dialog import effects as fx
from tests.calls.script import first_line
from tests.fakes.stage import Stage, shipped_edition

pytestmark = pytest.mark.calls

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("IVR_SHARED", HERE.parents[2] / "shared"))


def table(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


XFAIL = pytest.mark.xfail(reason="understanding, see known_misunderstandings.yaml", strict=True)
FIRST = [(lang, row) for lang, rows in table("first_lines.yaml").items() for row in rows]


def cases() -> list[Any]:
    return [
        pytest.param(lang, row, id=row["says"], marks=XFAIL if row.get("misheard") else ())
        for lang, row in FIRST
    ]


NOT_CALLED_BY_WORDS = {"SIL-L1", "FALSE-L1"}
"""First lines of calls that nothing is said in, or that take something back: tests/calls/zh."""


def call(says: str, *then: str) -> Stage:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    for words in (says, *then):
        stage.says(words)
    return stage


@pytest.mark.parametrize(("lang", "row"), cases())
def test_the_first_line_fits_what_was_said(lang: str, row: dict[str, str]) -> None:
    stage = call(row["says"])
    assert (stage.dialog.lang, stage.dialog.playbook) == (lang, row["playbook"])
    assert first_line(stage) == row["line"]


@pytest.mark.parametrize(("lang", "row"), cases())
def test_the_alert_leaves_before_the_first_question_is_answered(
    lang: str, row: dict[str, str]
) -> None:
    stage = call(row["says"])
    if row["playbook"] not in ("enquiry", "none", "other"):
        assert stage.reports, "no incident before the first answer (safety 3.7, 3)"
        assert stage.reports[0].alerts


def test_every_variant_of_the_plan_has_a_caller() -> None:
    file = SHARED / "plan" / "flows.yaml"
    if not file.exists():
        pytest.skip("plan/flows.yaml is not beside this repository (IVR_SHARED)")
    flows = yaml.safe_load(file.read_text(encoding="utf-8"))["playbooks"]
    have = {(row["playbook"], row["line"]) for _, row in FIRST}
    for flow in flows:
        ways = [flow["first_line"], *flow["first_line_variants"].values()]
        for line in (word for way in ways for word in way.split() if "-" in word):
            reached = (flow["id"], line) in have or line in NOT_CALLED_BY_WORDS
            assert reached, f"{flow['id']}: nobody calls for {line}"


@pytest.mark.parametrize("row", table("combined.yaml"), ids=lambda row: row["row"])
def test_two_emergencies_in_one_call(row: dict[str, Any]) -> None:
    stage = call(row["says"], *row.get("then", []))
    said = [s.line for s in stage.spoken if not s.line.startswith(("G-01", "K-"))]
    assert stage.dialog.playbook == row["leads"]
    assert [line for line in said if line in row["first"]][: len(row["first"])] == row["first"]
    assert said[0] == row["first"][0]
    report = stage.reports[-1]
    assert set(row["alerts"]) <= {a.key for a in report.alerts}
    assert set(row["tasks"]) <= {t.key for t in report.tasks}
    if row.get("quiet"):
        assert report.no_ring_back
        assert said == row["first"]
    elif row["leads"] != "water_leak":
        assert report.severity == "critical" or row["row"] == "traffic + injury"


@XFAIL
@pytest.mark.parametrize("row", table("known_misunderstandings.yaml"), ids=lambda row: row["says"])
def test_a_known_misunderstanding(row: dict[str, str]) -> None:
    assert first_line(call(row["says"])) == row["line"]


def test_a_red_flag_in_half_a_sentence_is_enough() -> None:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    stage.wait(1)
    stage.interrupts("厨房着火了 我", final=False)
    assert first_line(stage) == "FIRE-L1"
    assert stage.reports
    before = len([e for e in stage.effects if isinstance(e, fx.OpenIncident)])
    stage.interrupts("厨房着火了 我在三栋二单元十二楼")
    assert stage.dialog.place.building == "3"
    assert len([e for e in stage.effects if isinstance(e, fx.OpenIncident)]) == before == 1
