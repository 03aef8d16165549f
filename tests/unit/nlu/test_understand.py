"""What a caller's words are understood as: the rules of plan/labels.md, sentence by sentence."""

import pytest

from ivr.nlu.understand import understand
from ivr.nlu.understanding import Heard, Understanding
from tests.unit.nlu.lexicon_files import shipped

pytestmark = pytest.mark.unit


def heard(*turns: str) -> Understanding:
    return understand([Heard(turn) for turn in turns], shipped())


@pytest.mark.parametrize(
    ("said", "category", "severity"),
    [
        ("三栋二单元十二楼厨房着火了出不去", "fire", "critical"),
        ("我家煤气味好大头晕得很", "gas_leak", "critical"),
        ("我老婆没呼吸了快来", "injury", "critical"),
        ("门打不开,孩子一个人在里面", "trapped_home", "high"),
        ("卡在十楼不动了", "lift", "high"),
        ("五栋三单元有两个人在打架,拿着刀", "dispute", "critical"),
        ("屋头水管子爆了,水淹起来了", "water_leak", "high"),
        ("车被偷了", "theft", "medium"),
        ("there is smoke in the lift and we are stuck", "lift", "critical"),
        ("I smell gas in building 5", "gas_leak", "critical"),
        ("my son is locked in the bathroom", "trapped_home", "high"),
    ],
)
def test_an_emergency_is_recognised_with_its_severity(
    said: str, category: str, severity: str
) -> None:
    understood = heard(said)
    assert (understood.category, understood.severity, understood.next) == (
        category,
        severity,
        "act",
    )


@pytest.mark.parametrize(
    "said",
    [
        "不是煤气味是臭豆腐",
        "我的钱包掉进电梯缝里了",
        "物业费怎么交",
        "there's no fire, it's just a barbecue",
        "wrong number sorry",
    ],
)
def test_what_only_sounds_like_an_emergency_is_none(said: str) -> None:
    assert heard(said).category == "none"


def test_a_resolved_fire_stays_a_fire_with_lower_severity() -> None:
    understood = heard("火已经灭了,就是烧糊了锅")
    assert (understood.category, understood.severity) == ("fire", "medium")


def test_smoke_in_the_lift_gets_the_words_of_the_place_the_caller_sits_in() -> None:
    understood = heard("我被困在电梯里,里面在冒烟")
    assert (understood.category, understood.severity) == ("lift", "critical")
    assert "fire" in understood.also


def test_turns_add_up_and_a_correction_wins() -> None:
    understood = heard("着火了", "三栋二单元", "不对,是四栋")
    assert understood.category == "fire"
    assert understood.slots == {"building": "4", "unit": "2"}


@pytest.mark.parametrize(
    "said", ["", " ", "😀😀", "'; DROP TABLE calls;--", "<b>&nbsp;</b>", "啊" * 10_000, "\x00"]
)
def test_no_input_raises(said: str) -> None:
    assert heard(said).category


def test_every_conclusion_says_why() -> None:
    reasons = heard("三栋着火了").reasons
    assert any(r.what == "category=fire" and r.span for r in reasons)
    assert any(r.what == "slot.building=3" for r in reasons)
