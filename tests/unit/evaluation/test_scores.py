"""Scores by examples small enough to count by hand."""

import pytest

from ivr.evaluation.report import as_text, document, worst
from ivr.evaluation.rows import Row
from ivr.evaluation.scores import Judged, Scores, confusion, score, slot_f1
from ivr.incident.model import Severity
from ivr.nlu.schema import PrecedenceFile
from ivr.nlu.understanding import Next, Understanding

pytestmark = pytest.mark.unit

NAMES = PrecedenceFile(
    order=[], critical=["fire"], quiet=["enquiry", "none"], fallback="other", nothing="none"
)


def row(
    category: str,
    severity: str = "critical",
    notes: tuple[str, ...] = (),
    subtype: str = "",
    **slots: str,
) -> Row:
    return Row("zh-0001-0", "zh", "喂", category, subtype, severity, slots, notes)


def got(
    category: str,
    move: Next = "act",
    candidates: tuple[str, ...] = (),
    severity: str = "critical",
    subtype: str | None = None,
    **slots: str,
) -> Understanding:
    return Understanding(
        category=category,
        subtype=subtype,
        severity=Severity(severity),
        slots=slots,
        facts={},
        confidence=0.9,
        next=move,
        candidates=candidates or (category,),
        also=(),
        lang="zh",
        command=None,
        reasons=(),
    )


def scored(*pairs: tuple[Row, Understanding]) -> Scores:
    return score([Judged(r, u, r.text) for r, u in pairs], NAMES.quiet, "none", "other")


def test_an_accepted_alternative_counts() -> None:
    assert scored((row("dispute", notes=("alt:injury",)), got("injury"))).accuracy == 1.0
    assert scored((row("dispute"), got("injury"))).accuracy == 0.0


def test_a_question_counts_only_with_the_label_among_three() -> None:
    three = ("lift", "theft", "fire")
    assert scored((row("fire"), got("lift", "clarify", three))).accuracy == 1.0
    assert scored((row("fire"), got("lift", "menu", ("lift", "theft")))).accuracy == 0.0
    four = ("lift", "theft", "injury", "fire")
    assert scored((row("fire"), got("lift", "clarify", four))).accuracy == 0.0


def test_a_wrong_act_is_wrong_whatever_stands_among_the_candidates() -> None:
    assert scored((row("fire"), got("lift", "act", ("lift", "fire")))).accuracy == 0.0


def test_recall_counts_critical_rows_alone() -> None:
    figures = scored(
        (row("fire"), got("fire")),
        (row("fire"), got("lift", "clarify", ("lift", "fire"))),
        (row("fire"), got("theft")),
        (row("theft", "medium"), got("fire")),
    )
    assert figures.critical_rows == 3
    assert figures.critical_recall == pytest.approx(2 / 3)
    assert figures.critical_acted == pytest.approx(1 / 3)
    assert figures.asked == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("label", "answer", "fatal"),
    [
        (row("fire"), got("none"), 1),
        (row("fire"), got("enquiry"), 1),
        (row("fire"), got("none", "clarify", ("none", "lift")), 0),
        (row("fire"), got("other"), 0),
        (row("fire", "medium"), got("none"), 0),
    ],
)
def test_a_fatal_miss_is_a_critical_row_sent_away_unasked(
    label: Row, answer: Understanding, fatal: int
) -> None:
    assert scored((label, answer)).fatal_misses == fatal


@pytest.mark.parametrize(
    ("answer", "notes", "share"),
    [
        (got("fire"), (), 1.0),
        (got("fire"), ("alt:fire",), 0.0),
        (got("fire", "clarify"), (), 0.0),
        (got("other"), (), 0.0),
        (got("enquiry"), (), 0.0),
    ],
)
def test_a_false_alarm_raises_a_specific_emergency_unasked(
    answer: Understanding, notes: tuple[str, ...], share: float
) -> None:
    assert scored((row("none", "low", notes), answer)).false_alarms == share


def test_severity_and_subtype_are_judged_where_the_category_is_right() -> None:
    figures = scored(
        (row("theft", "medium", subtype="home"), got("theft", severity="medium", subtype="home")),
        (row("theft", "medium", subtype="home"), got("theft", severity="high", subtype="other")),
        (row("theft", "medium", subtype="home"), got("fire")),
    )
    assert figures.severity == 0.5
    assert figures.subtype == 0.5


def test_macro_f1_weighs_every_category_alike() -> None:
    pairs = [(row("fire"), got("fire"))] * 8 + [(row("theft"), got("fire"))] * 2
    # fire: precision 8/10, recall 1 -> 8/9; theft: 0
    assert scored(*pairs).macro_f1 == pytest.approx((2 * 8 / 18) / 2)


def test_slot_f1_counts_missing_wrong_and_invented_values() -> None:
    judged = [
        Judged(row("fire", building="3", unit="2"), got("fire", building="3", unit="1"), ""),
        Judged(row("fire"), got("fire", building="9"), ""),
        Judged(row("fire", building="A"), got("fire", building="a"), ""),
    ]
    # right 2 (3, A); given 4; wanted 3
    assert slot_f1(judged, ("building", "unit")) == pytest.approx(2 * 2 / (4 + 3))
    assert slot_f1([], ("building",)) == 1.0


def test_a_landmark_scores_by_containment_either_way() -> None:
    one = [Judged(row("fire", landmark="地下车库"), got("fire", landmark="车库"), "")]
    assert slot_f1(one, ("landmark",)) == 1.0
    other = [Judged(row("fire", landmark="车库"), got("fire", landmark="菜鸟驿站"), "")]
    assert slot_f1(other, ("landmark",)) == 0.0


def test_the_confusion_table_holds_wrong_rows_only() -> None:
    judged = [Judged(row("fire"), got("fire"), ""), Judged(row("fire"), got("lift"), "")]
    assert confusion(judged) == {("fire", "lift"): 1}


def test_the_worst_rows_begin_with_who_would_die_of_them() -> None:
    alarm = Judged(row("none", "low"), got("fire"), "")
    wrong = Judged(row("theft", "medium"), got("lift"), "")
    critical = Judged(row("fire"), got("lift"), "")
    fatal = Judged(row("fire"), got("none"), "")
    right = Judged(row("fire"), got("fire"), "")
    assert worst([wrong, alarm, right, critical, fatal], NAMES) == [fatal, critical, alarm, wrong]


def test_the_report_tells_languages_and_tags_apart() -> None:
    judged = [
        Judged(row("fire", notes=("asr", "alt:lift")), got("fire"), "喂", 0.002),
        Judged(row("fire", notes=("dialect",)), got("none"), "喂", 0.004),
    ]
    report = document(judged, NAMES)
    assert set(report["by_tag"]) == {"asr", "dialect"}
    assert report["by_lang"]["zh"]["rows"] == 2
    assert report["all"]["fatal_misses"] == 1
    assert report["turn_ms"]["max"] == 4.0
    assert "FATAL" in as_text(report)


def test_no_rows_at_all_make_no_division_by_nothing() -> None:
    assert "rows" in as_text(document([], NAMES))
