"""Card, short text, sheets and JSON, for reports written by hand and for any report at all."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ivr.documents import BrokenDocument
from ivr.incident.changes import changes
from ivr.incident.delivery import DeliveryState
from ivr.incident.model import (
    Caller,
    CallId,
    Disposition,
    HeardBy,
    IncidentId,
    IncidentStatus,
    Place,
    Report,
    Said,
    Severity,
    Told,
)
from ivr.incident.record import Acknowledgement, Alert, IncidentRecord, Task, TimelineEntry
from ivr.incident.sheets import read_sheets
from ivr.incident.words import masked
from tests.fakes.alerting import NOON, PLAYBOOKS, after, report, shipped_paper

pytestmark = pytest.mark.unit
PAPER = shipped_paper()


def record(given_report: Report, **changed: Any) -> IncidentRecord:
    plain: dict[str, Any] = {
        "id": IncidentId("261123-007"),
        "opened_at": NOON,
        "severity": given_report.severity,
        "status": given_report.status,
        "report": given_report,
        "calls": (CallId("CA1"),),
        "alerts": (),
        "desk": (),
        "acknowledged": None,
        "tasks": (),
        "records": {},
        "disposition": None,
    }
    return IncidentRecord(**(plain | changed))


KITCHEN = report(
    place=Place("3", "2", None, "501"),
    people=2,
    hazards=("flame", "can_evacuate"),
    facts={"flame": "yes", "can_evacuate": "no"},
    unknown=("burning_item",),
    transcript=(Said("caller", "厨房着火了", NOON, "zh"),),
)


def test_the_short_text_says_what_where_danger_people_number_time_and_id() -> None:
    text = PAPER.texts(record(KITCHEN), NOON).short
    assert text.startswith("【火警特急】3栋2单元501室(待核),明火、出不去,2人。138****8000,12:00。")
    assert text.endswith("#261123-007")


def test_the_card_says_unknown_and_unverified_and_masks_the_number() -> None:
    card = PAPER.texts(record(report(place=Place(building="3"))), NOON).card
    assert len(card.splitlines()) == 10
    assert "3栋(待核)" in card
    assert "人 未知" in card
    assert "13800138000" not in card
    assert "[点按拨打]" in card


def test_a_caller_in_gas_or_beside_an_intruder_is_never_offered_for_ringing() -> None:
    texts = PAPER.texts(record(report(no_ring_back=True)), NOON)
    assert "[点按拨打]" not in texts.card
    assert "138****" not in texts.short + texts.card
    assert "勿拨来电人手机" in texts.short
    assert "勿拨来电人手机" in texts.card


def test_an_update_names_what_is_new() -> None:
    news = (TimelineEntry(9, IncidentId("x"), NOON, "amended", {"changed": ["people"]}),)
    assert "人数:2" in PAPER.texts(record(KITCHEN), NOON, news=news).short


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800138000", "138****8000"),
        ("+442071838750", "+44****8750"),
        ("110", "****10"),
        (None, ""),
    ],
)
def test_numbers_are_masked(number: str | None, shown: str) -> None:
    assert masked(number) == shown


def test_a_fire_has_the_internal_and_the_119_sheet_with_gaps_marked() -> None:
    sheets = {sheet.name: sheet for sheet in PAPER.sheets(record(KITCHEN))}
    assert set(sheets) == {"internal", "119"}
    assert "我是澎湖湾物业。湖湾路8号,靠近____,3栋2单元501室(待核)" in sheets["119"].text
    assert {"burning_item", "guide"} <= set(sheets["119"].unknown)
    assert all((f.value is None) == (f.key in sheets["119"].unknown) for f in sheets["119"].fields)


def test_a_task_brings_the_sheet_it_is_read_from() -> None:
    task = Task("police", ("THEFT-4",), (), {"zh": "报警", "en": "Call"}, None, (), False, "110")
    names = [s.name for s in PAPER.sheets(record(report(category="theft"), tasks=(task,)))]
    assert names == ["internal", "110"]


def test_a_sheet_whose_text_names_an_unknown_field_is_refused() -> None:
    text = (PLAYBOOKS / "sheets.yaml").read_text("utf-8").replace("{guide_place}", "{guid_place}")
    with pytest.raises(BrokenDocument, match="guid_place"):
        read_sheets(text, "sheets.yaml")


def test_what_was_told_is_no_news_but_a_place_is() -> None:
    told = report(told=(Told("FIRE-L1", ("A",), "x", HeardBy.WHOLE, NOON),))
    assert changes(report(), told) == ()
    assert changes(report(), report(place=Place("3"), facts={"smoke": "thick"})) == (
        "place",
        "facts.smoke",
    )


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
maybe = st.none() | words
moments = st.integers(0, 10**6).map(after)
reports = st.builds(
    report,
    category=st.sampled_from(sorted(PAPER.words.categories)),
    subtype=maybe,
    severity=st.sampled_from(Severity),
    status=st.sampled_from(IncidentStatus),
    place=st.builds(Place, maybe, maybe, maybe, maybe, maybe, maybe, st.booleans()),
    caller=st.builds(Caller, maybe, maybe),
    people=st.none() | st.integers(0, 500),
    hazards=st.lists(st.sampled_from(PAPER.hazards), unique=True).map(tuple),
    facts=st.dictionaries(words, words, max_size=4),
    told=st.lists(
        st.builds(Told, words, st.just(("A", "B")), words, st.sampled_from(HeardBy), moments),
        max_size=3,
    ).map(tuple),
    unknown=st.lists(words, max_size=3).map(tuple),
    transcript=st.lists(
        st.builds(Said, st.sampled_from(["caller", "hotline"]), words, moments, st.just("en")),
        max_size=3,
    ).map(tuple),
    also=st.lists(st.sampled_from(sorted(PAPER.words.categories)), max_size=2).map(tuple),
    no_ring_back=st.booleans(),
)
alerts = st.builds(
    Alert, words, maybe, maybe, st.sampled_from(DeliveryState), moments, words, st.integers(0, 6)
)
tasks = st.builds(
    Task,
    words,
    st.just(("A",)),
    st.just(("security",)),
    st.fixed_dictionaries({"zh": words, "en": words}),
    st.none() | moments,
    st.lists(words, max_size=2).map(tuple),
    st.booleans(),
    st.none() | st.sampled_from(sorted(PAPER.forms.sheets)),
    st.none() | moments,
    maybe,
)
VALIDATOR = Draft202012Validator(PAPER.schema())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    given_report=reports,
    alert_list=st.lists(alerts, max_size=3).map(tuple),
    task_list=st.lists(tasks, max_size=3).map(tuple),
    taken=st.none() | st.builds(Acknowledgement, words, moments),
    ended=st.none() | st.sampled_from(Disposition),
    repeat=st.booleans(),
)
def test_any_report_gives_valid_json_a_card_and_a_text_that_fits(
    given_report: Report,
    alert_list: tuple[Alert, ...],
    task_list: tuple[Task, ...],
    taken: Acknowledgement | None,
    ended: Disposition | None,
    repeat: bool,
) -> None:
    one = record(
        given_report, alerts=alert_list, tasks=task_list, acknowledged=taken, disposition=ended
    )
    VALIDATOR.validate(PAPER.document(one))
    texts = PAPER.texts(one, NOON + timedelta(hours=1), repeat=repeat)
    assert len(texts.short) <= 70
    assert texts.short.endswith("#261123-007")
    for sheet in PAPER.sheets(one):
        assert sheet.text


def test_the_schema_is_a_schema_and_refuses_what_is_not_ours() -> None:
    Draft202012Validator.check_schema(PAPER.schema())
    good = PAPER.document(record(KITCHEN))
    for broken in ({"status": "lost"}, {"hazards": ["dragon"]}, {"extra": 1}):
        assert list(VALIDATOR.iter_errors({**good, **broken}))


def test_the_number_on_a_sheet_warns_where_ringing_it_can_kill() -> None:
    (internal, *_) = PAPER.sheets(record(report(no_ring_back=True)))
    assert "勿拨来电人手机!+8613800138000" in internal.text
    (hidden, *_) = PAPER.sheets(record(report()), full_number=False)
    assert "138****8000" in hidden.text
    assert "13800138000" not in hidden.text
