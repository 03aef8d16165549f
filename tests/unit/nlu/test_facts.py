"""Facts are set only by what was really said."""

import pytest
import yaml

from ivr.nlu.understand import understand
from ivr.nlu.understanding import Heard, Understanding
from tests.unit.nlu.lexicon_files import PLAYBOOKS, shipped

pytestmark = pytest.mark.unit

KNOWN = yaml.safe_load((PLAYBOOKS / "facts.yaml").read_text(encoding="utf-8"))
OPENINGS = {
    "我家厨房着火了好大的烟": {"flame", "smoke"},
    "水管爆了,到处是水": set(),
    "水管爆了水盆得到处,都是快来人啊": {"cry_for_help"},
    "救命,我被困在电梯里了": {"cry_for_help"},
    "电梯突然停了,我们被困在里面出不来": set(),
    "我和孩子困在电梯里,灯抖灭了": set(),
    "我家里没气位好众,我头都有点云了": {"gas_strength", "health"},
    "屋里有燃气味": set(),
    "有人触电了": set(),
    "有个老人从楼梯上摔下来了": {"high_fall"},
    "我家被偷了,门被撬开了": set(),
    "邻居骂我,跟我吵架": set(),
    "我孙子一个人被反锁在家里,灶上还开着火": {"child_alone", "stove_on"},
    "我们全家都头晕想吐,开着热水器": {"health", "several_ill"},
    "楼上一直漏水": set(),
    "A pipe burst in my bathroom. Water is everywhere.": set(),
    "We are stuck in the lift and the doors won't open.": set(),
    "I can smell gas in my flat.": set(),
}


def heard(said: str) -> Understanding:
    return understand([Heard(said)], shipped())


def red(read: Understanding) -> set[str]:
    return {f for f, v in read.facts.items() if v in KNOWN[f].get("red", [])}


@pytest.mark.parametrize("said", OPENINGS)
def test_no_red_fact_of_another_emergency_is_set(said: str) -> None:
    assert red(heard(said)) <= OPENINGS[said]


def test_a_likeness_of_sound_never_says_that_the_home_is_clear() -> None:
    assert "home_clear" not in heard("我家里没气位好众,我头都有点云了").facts


@pytest.mark.parametrize(
    ("said", "fact", "value"),
    [
        ("我被困在电梯里了", "caller_where", "inside"),
        ("我和孩子困在电梯里", "caller_where", "inside"),
        ("有人困在电梯里", "caller_where", "outside"),
        ("我听到电梯里有人喊救命", "caller_where", "outside"),
        ("我反锁在家里出不去了", "caller_where", "inside"),
        ("孩子一个人锁在屋里,我在门外", "caller_where", "outside"),
        ("漏煤气了,我在室外", "caller_where", "outside"),
        ("着火了,我已经下楼了", "caller_where", "outside"),
        ("对面楼着火了", "caller_where", "elsewhere"),
        ("I'm stuck in the lift", "caller_where", "inside"),
        ("someone is stuck in the lift", "caller_where", "outside"),
        ("I'm locked in my flat and can't get out", "caller_where", "inside"),
        ("my kitchen is on fire, I'm outside now", "caller_where", "outside"),
        ("there is a fire in the building opposite", "caller_where", "elsewhere"),
        ("楼下着火了,我家没有烟", "home_clear", "yes"),
        ("油锅着火了,火很小", "small_fire", "yes"),
        ("刚才困在电梯里,现在已经出来了", "freed", "yes"),
        ("娃儿溺水,已经捞上来了", "in_water", "no"),
        ("楼上掉东西把人砸到了", "how_hurt", "struck"),
        ("外面电线掉下来把人电到了", "outdoor_line", "yes"),
        ("婴儿被奶呛到了,脸发紫", "choking", "infant"),
        ("水漏到电梯井里面去了", "equipment_affected", "lift"),
        ("手被电梯门夹住了", "caught_in_door", "yes"),
        ("我困在电梯里,门开着,停在两层中间", "lift_hazard", "door_open"),
    ],
)
def test_a_fact_that_was_said_is_set(said: str, fact: str, value: str) -> None:
    assert heard(said).facts.get(fact) == value


@pytest.mark.parametrize(
    "said",
    ["快帮我报警,着火了", "我看到楼上冒烟", "楼下着火了", "烟都出来了,着火了", "有人在楼下打架"],
)
def test_the_caller_is_not_taken_for_safe(said: str) -> None:
    assert heard(said).facts.get("caller_where") not in ("outside", "elsewhere")
