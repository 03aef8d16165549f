"""Every playbook, in both languages, through signed webhooks: first line, alert, card."""

import pytest

from ivr.phone.caller import Turn
from ivr.phone.carrier import Network
from tests.smoke.conftest import Hotline

pytestmark = [pytest.mark.smoke, pytest.mark.timeout(120)]

FIRST = [
    ("我家厨房着火了", "fire", "FIRE-L1"),
    ("There is a fire in my kitchen", "fire", "FIRE-L1"),
    ("我被困在电梯里了", "lift", "LIFT-L1"),
    ("I am stuck in the lift", "lift", "LIFT-L1"),
    ("有人触电了", "injury", "INJ-E1"),
    ("Someone got an electric shock", "injury", "INJ-E1"),
    ("有人掉到水里了还没上来", "injury", "INJ-D1"),
    ("A child is drowning in the pool", "injury", "INJ-D1"),
    ("我被反锁在家里出不去了", "trapped_home", "HOME-L1"),
    ("I am locked inside my flat and cannot open the door", "trapped_home", "HOME-L1"),
    ("水管爆了到处都是水", "water_leak", "WATER-L1"),
    ("A pipe burst and water is everywhere", "water_leak", "WATER-L1"),
    ("我家里有很浓的煤气味", "gas_leak", "GAS-L1"),
    ("I smell gas in my flat", "gas_leak", "GAS-L1"),
    ("我家被偷了", "theft", "THEFT-L1"),
    ("My home was burgled", "theft", "THEFT-L1"),
    ("楼下有人打架", "dispute", "DISP-L"),
    ("Two men are fighting downstairs", "dispute", "DISP-L"),
    ("救命啊", "other", "OTH-L1"),
    ("Help, please send someone", "other", "OTH-L1"),
]


@pytest.mark.parametrize(("words", "category", "line"), FIRST)
def test_the_first_words_lead_to_the_right_first_line_and_an_alert(
    document_hotline: Hotline, words: str, category: str, line: str
) -> None:
    placed = document_hotline.place(
        Turn(text=words), Turn(hang_up=True), network=Network(pace=0, max_s=120)
    )
    assert placed.ok, placed.why
    incident = document_hotline.incident_of(placed)
    assert incident is not None
    assert incident["category"] == category
    spoken = [told["line"] for told in incident["told"] if told["line"] not in ("G-01", "K-08")]
    assert spoken[0].startswith(line), spoken
    assert incident["alerts"]
    lang = "en" if words.isascii() else "zh"
    assert incident["transcript"][-1]["lang"] == lang


@pytest.mark.parametrize("words", ["请问物业费怎么交", "How do I pay the management fee"])
def test_no_emergency_is_a_desk_entry_and_wakes_nobody(
    document_hotline: Hotline, words: str
) -> None:
    placed = document_hotline.place(
        Turn(text=words),
        Turn(text="no" if words.isascii() else "没有"),
        Turn(hang_up=True),
        network=Network(pace=0, max_s=120),
    )
    assert document_hotline.incident_of(placed) is None
    assert document_hotline.get(f"calls/{placed.call}")["disposition"] == "desk_entry"
