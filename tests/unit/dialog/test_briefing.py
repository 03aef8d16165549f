"""Orders and the report: what is due, what is unknown, and that nothing is taken back."""

from dataclasses import replace

import pytest

from ivr.dialog import events as ev
from ivr.dialog.briefing import severity_of
from ivr.incident.model import Severity
from tests.fakes.stage import Stage, shipped_edition

pytestmark = pytest.mark.unit


def after(*words: str) -> Stage:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    for turn in words:
        stage.says(turn)
    return stage


def test_a_late_alert_goes_out_when_its_time_has_come() -> None:
    stage = after("我被困在电梯里了")
    assert [a.key for a in stage.reports[-1].alerts] == ["lift.first"]
    stage.silent_for(70)
    assert "lift.report_up" in [a.key for a in stage.reports[-1].alerts]


def test_a_late_alert_goes_out_when_the_call_ends() -> None:
    stage = after("我被困在电梯里了")
    stage.happen(ev.CallerHungUp(stage.at))
    assert "lift.report_up" in [a.key for a in stage.reports[-1].alerts]


def test_what_nobody_answered_is_unknown_in_the_plans_order() -> None:
    unknown = after("厨房着火了").reports[-1].unknown
    assert unknown[:2] == ("building", "unit")
    assert "can_evacuate" in unknown
    assert "phone" not in unknown, "the caller's number is known"


def test_the_report_names_what_was_told_with_its_clauses() -> None:
    told = after("厨房着火了", "三栋二单元十二楼").reports[-1].told
    assert ("FIRE-L1", ("FIRE-A5.3b", "FIRE-B3")) in [(t.line, t.clauses) for t in told]


def test_a_test_call_orders_nothing() -> None:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001", test=True)
    stage.says("厨房着火了")
    assert stage.reports == []


def test_the_first_thing_behind_the_first_line_is_the_incident() -> None:
    stage = Stage(shipped_edition())
    stage.start(caller="+8613800000001")
    before = len(stage.effects)
    stage.says("厨房着火了")
    kinds = [type(e).__name__ for e in stage.effects[before:]]
    said = kinds.index("Say")
    assert kinds[said + 1] == "OpenIncident"


def test_no_rule_lowers_a_severity() -> None:
    stage = after("有人在打我")
    graver = replace(stage.dialog, severity=Severity.CRITICAL)
    book = shipped_edition().library.playbooks[graver.playbook or ""]
    assert any(rule.to is Severity.HIGH for rule in book.raises)
    assert severity_of(graver, book) is Severity.CRITICAL
