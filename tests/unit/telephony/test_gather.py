"""Effects become one document; a form becomes one turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call.switchboard import AnswerByGather, GatherTurn
from ivr.dialog.effects import (
    CancelTimer,
    Effect,
    HangUp,
    Listen,
    Note,
    Say,
    SayPlace,
    StartTimer,
    StopSpeaking,
    TakeMessage,
    Transfer,
)
from ivr.incident.model import Disposition, Place
from ivr.phone.twiml_reader import Verb, read
from ivr.telephony import twiml
from ivr.telephony.gather import TurnUrls, arranged, turn_of, verbs
from ivr.telephony.prompts import Prompts, Speaker
from ivr.telephony.signature import PublicAddress
from ivr.telephony.tokens import PhraseSeal
from ivr.telephony.twiml import SpeechStyle
from tests.fakes.prompts import TonePrompts

pytestmark = pytest.mark.unit

PLACE = Place(building="3", room="1204", as_said="secret words")


def document(
    *effects: Effect, prompts: Prompts | None = None, **answer: object
) -> tuple[Verb, ...]:
    address = PublicAddress("https://h.example.org")
    speaker = Speaker(prompts or TonePrompts(), address, PhraseSeal("s"), SpeechStyle())
    made = AnswerByGather(effects, 7, **answer)  # type: ignore[arg-type]
    return read(twiml.document(*verbs(made, speaker, TurnUrls(address.url("/voice")))))


def test_a_life_saving_line_is_played_before_the_question_and_cannot_be_cut_off() -> None:
    first, question, end = document(
        Say("L1", "zh", barge_in=False), Say("Q1", "zh"), SayPlace(PLACE, "zh"), Listen("place")
    )
    assert first.text == "https://h.example.org/voice/audio/zh/L1.wav"
    assert [nested.name for nested in question.children] == ["Play", "Play"]
    assert (end.name, end.text) == ("Redirect", "https://h.example.org/voice/gather?turn=7")


def test_a_question_has_every_attribute_twilio_would_else_choose_badly() -> None:
    (question, _) = document(Say("Q1", "zh"), Listen("open"), StartTimer("silence", 5.2))
    assert dict(question.attributes) == {
        "action": "https://h.example.org/voice/gather?turn=7",
        "method": "POST",
        "input": "dtmf speech",
        "timeout": "6",
        "actionOnEmptyResult": "true",
        "finishOnKey": "#",
        "language": "cmn-Hans-CN",
        "speechTimeout": "2",
        "profanityFilter": "false",
    }


def test_english_is_listened_to_in_english() -> None:
    (question, _) = document(Listen("open"), lang="en")
    assert question.attributes["language"] == "en-US"


def test_so_many_keys_end_the_entry_and_star_and_hash_are_keys_then() -> None:
    (question, _) = document(Listen("yes_no", key_count=1))
    assert question.attributes["numDigits"] == "1"
    assert question.attributes["finishOnKey"] == ""


def test_keys_are_heard_even_where_nothing_is_asked() -> None:
    (question, _) = document(Say("L9", "zh"), Listen("nothing"), StartTimer("company", 25.0))
    assert question.attributes["input"] == "dtmf"
    assert question.attributes["numDigits"] == "1"
    assert question.attributes["timeout"] == "25"


@pytest.mark.parametrize(
    ("effects", "wait_s", "timeout"),
    [
        ((StartTimer("a", 9.0), StartTimer("b", 4.0)), None, "4"),
        ((StartTimer("a", 4.0), CancelTimer("a")), None, "6"),
        ((StartTimer("a", 9.0),), 2.0, "2"),
        ((StartTimer("a", 0.0),), None, "1"),
        ((), 0.0, "1"),
    ],
)
def test_the_soonest_timer_is_the_silence_that_is_waited(
    effects: tuple[Effect, ...], wait_s: float | None, timeout: str
) -> None:
    (question, _) = document(*effects, Listen("open"), wait_s=wait_s)
    assert question.attributes["timeout"] == timeout


@pytest.mark.parametrize(
    ("ending", "names"),
    [
        (HangUp(Disposition.COMPLETED), ["Play", "Hangup"]),
        (TakeMessage(30.0), ["Play", "Record", "Redirect"]),
        (Transfer("duty_desk", "0"), ["Play", "Redirect"]),
    ],
)
def test_every_document_ends_somewhere(ending: Effect, names: list[str]) -> None:
    assert [verb.name for verb in document(Say("X", "zh"), ending)] == names


@given(
    st.lists(
        st.sampled_from(
            [
                Say("A", "zh"),
                Say("B", "en", barge_in=False, slow=True),
                SayPlace(PLACE, "zh"),
                StopSpeaking(),
                Note("n"),
                Listen("open"),
                Listen("nothing"),
                StartTimer("t", 3.0),
                CancelTimer("t"),
                HangUp(Disposition.RELEASED),
                TakeMessage(),
                Transfer("duty_desk", "asked"),
            ]
        ),
        max_size=12,
    )
)
def test_any_effects_speak_everything_in_order_and_leave_no_dead_end(
    effects: list[Effect],
) -> None:
    made = document(*effects)
    assert made[-1].name in ("Redirect", "Hangup")
    spoken = [verb for verb in made if verb.name == "Play"]
    spoken += [nested for verb in made for nested in verb.children if verb.name == "Gather"]
    assert len(spoken) == sum(isinstance(effect, Say | SayPlace) for effect in effects)
    turn = arranged(tuple(effects))
    assert all(what.barge_in for what in turn.then if isinstance(what, Say))


def test_a_missing_recording_is_said_by_the_carriers_voice() -> None:
    prompts = TonePrompts(missing=frozenset({"Q1", "place"}))
    (question, _) = document(
        Say("Q1", "zh"), SayPlace(PLACE, "zh"), Listen("open"), prompts=prompts
    )
    first, second = question.children
    assert (first.name, first.attributes["voice"]) == ("Say", "Polly.Zhiyu")
    assert (first.text, second.text) == ("line Q1 in zh", "building 3")


def test_a_repeat_is_the_slower_recording() -> None:
    (question, _) = document(Say("Q1", "zh", slow=True), Listen("open"))
    assert question.children[0].text.endswith("/voice/audio/zh/slow/Q1.wav")


@pytest.mark.parametrize(
    ("form", "turn"),
    [
        ({"SpeechResult": "着火", "Confidence": "0.8"}, GatherTurn(1, "着火", 0.8)),
        ({"SpeechResult": "着火"}, GatherTurn(1, "着火")),
        ({"SpeechResult": "着火", "Confidence": "nan"}, GatherTurn(1, "着火")),
        ({"SpeechResult": "x", "Confidence": "7"}, GatherTurn(1, "x")),
        ({"Digits": "3*2*1204", "FinishedOnKey": "#"}, GatherTurn(1, None, None, "3*2*1204", "#")),
        ({"Digits": "0", "FinishedOnKey": ""}, GatherTurn(1, digits="0")),
        ({"Digits": "", "msg": "Gather End"}, GatherTurn(1)),
        ({"Digits": "hangup", "RecordingUrl": "https://r"}, GatherTurn(1, recording="https://r")),
        ({}, GatherTurn(1)),
    ],
)
def test_a_form_becomes_a_turn(form: dict[str, str], turn: GatherTurn) -> None:
    assert turn_of(form, 1) == turn


def test_a_turn_knows_when_it_is_empty() -> None:
    assert GatherTurn(1).empty
    assert not GatherTurn(1, finished_on="#").empty
