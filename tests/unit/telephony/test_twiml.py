"""Documents keep Twilio's limits."""

import pytest

from ivr.phone.twiml_reader import read
from ivr.telephony import twiml
from ivr.telephony.carrier_errors import advice
from ivr.telephony.mishap import described
from ivr.telephony.twiml import GatherRules, SpeechStyle

pytestmark = pytest.mark.unit


def test_a_document_too_large_for_the_carrier_is_not_sent() -> None:
    with pytest.raises(ValueError, match="65536"):
        twiml.document(*[twiml.say("字" * 1000, "zh", SpeechStyle())] * 25)


def test_signs_that_xml_forbids_do_not_break_a_document() -> None:
    content = twiml.document(twiml.say('a\x00\x08\ud800<&"', "en", SpeechStyle()))
    assert read(content)[0].text == 'a   <&"'


def test_hints_are_cut_to_what_the_carrier_takes() -> None:
    names = ["三栋,二单元", "x" * 101, *[f"name {number}" for number in range(600)]]
    style = SpeechStyle(hints={"zh": names}, speech_model="googlev2_telephony")
    rules = GatherRules("dtmf speech", 5, 2, None)
    gather = twiml.gather("https://h/", rules, [], "zh", style)
    hints = gather.attrib["hints"].split(",")
    assert len(hints) == 500
    assert hints[0] == "三栋 二单元"
    assert gather.attrib["speechModel"] == "googlev2_telephony"
    assert gather.attrib["speechTimeout"] == "2"  # never `auto` beside a model (13335)


def test_an_error_code_becomes_advice_and_nothing_else_is_echoed() -> None:
    assert "PUBLIC_URL" in advice("31920")
    assert advice("99999").startswith("99999: ")
    assert advice("<script>").startswith("no code")


def test_an_accident_is_described_without_its_message() -> None:
    try:
        int("secret words")
    except ValueError as error:
        text = described(error)
    assert text.startswith("ValueError at test_twiml.py:")
    assert "secret" not in text
