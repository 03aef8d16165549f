"""One script for everything behind the recogniser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.simplified import simplified

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("traditional", "wanted"),
    [
        ("廚房著火了", "厨房着火了"),
        ("電梯裡有人被困", "电梯里有人被困"),
        ("樓上漏水,三號樓", "楼上漏水,三号楼"),
        ("我家厨房着火了", "我家厨房着火了"),
        ("Help! 12", "Help! 12"),
    ],
)
def test_traditional_characters_become_simplified(traditional: str, wanted: str) -> None:
    assert simplified(traditional) == wanted


@given(st.text())
def test_simplifying_twice_changes_nothing_more(text: str) -> None:
    once = simplified(text)
    assert simplified(once) == once
    assert len(once) == len(text)
