"""The simulated carrier's parts keep Twilio's rules."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from ivr.audio import mulaw
from ivr.phone.playout import Playout
from ivr.phone.recording import Recording
from ivr.phone.signing import signed
from ivr.phone.timing import Timing, first_audible, last_audible
from ivr.phone.twiml_reader import BadDocument, read

pytestmark = pytest.mark.unit


def test_a_mark_returns_when_the_audio_before_it_is_played() -> None:
    playout = Playout()
    playout.add(b"a" * 200)
    playout.mark("m")
    playout.add(b"b" * 100)
    assert playout.pull(160) == (b"a" * 160, [])
    assert playout.pull(160) == (b"a" * 40 + b"b" * 100, ["m"])
    playout.mark("n")
    assert playout.pull(160) == (b"", ["n"])


def test_clear_drops_the_audio_and_returns_outstanding_marks() -> None:
    playout = Playout()
    for name in "xy":
        playout.add(b"a" * 800)
        playout.mark(name)
    assert playout.queued_s == 0.2
    assert playout.clear() == ["x", "y"]
    assert playout.empty
    assert playout.pull() == (b"", [])


@given(st.lists(st.binary(max_size=700) | st.sampled_from(["m", "n"]), max_size=20))
def test_everything_queued_comes_out_once_and_in_order(items: list[bytes | str]) -> None:
    playout = Playout()
    for item in items:
        playout.mark(item) if isinstance(item, str) else playout.add(item)
    audio, marks = b"", []
    for _ in range(200):
        part, passed = playout.pull(160)
        audio += part
        marks += passed
    assert audio == b"".join(item for item in items if isinstance(item, bytes))
    assert marks == [item for item in items if isinstance(item, str)]


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_the_carriers_signature_is_twilios(form: dict[str, str]) -> None:
    url = "https://hotline.example.org/voice/incoming?turn=1"
    expected = RequestValidator("token").compute_signature(url, form)
    assert signed("token", url + "#rc=2", form) == expected


def test_both_sides_are_recorded_on_one_time_line(tmp_path: Path) -> None:
    recording = Recording()
    recording.add(b"\x01" * 160, b"")
    recording.add(b"\x01" * 160, b"\x02" * 80)
    assert recording.length_s == 0.04
    assert recording.hotline() == b"\xff" * 160 + b"\x02" * 80 + b"\xff" * 80
    recording.save(tmp_path / "call.wav")
    content = (tmp_path / "call.wav").read_bytes()
    assert content[:4] == b"RIFF"
    assert content[22:24] == b"\x02\x00"  # two channels
    assert len(content) == 44 + 2 * 2 * 320


def test_a_reply_is_timed_from_the_last_word_to_the_first_sound() -> None:
    timing = Timing()
    timing.answered(10.0)
    assert timing.hotline_sounds(10.2) is None
    timing.caller_begins(0)
    assert timing.hotline_sounds(11.0) is None  # still speaking over us
    timing.caller_ends(12.0)
    assert timing.hotline_sounds(12.75) == 0.75
    assert timing.hotline_sounds(13.0) is None
    assert timing.first_sound_s == pytest.approx(0.2)
    assert [(reply.turn, reply.gap_s) for reply in timing.replies] == [(0, 0.75)]


def test_silence_has_no_audible_sample() -> None:
    assert first_audible(bytes([mulaw.SILENCE]) * 160) is None
    loud = bytes([mulaw.SILENCE]) * 10 + b"\x00" * 5 + bytes([mulaw.SILENCE]) * 10
    assert (first_audible(loud), last_audible(loud)) == (10, 14)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "12100"),
        (b"<Response>", "12100"),
        (b"<html/>", "12200"),
        (b"<Response><Shout/></Response>", "12200"),
        (b"<Response>" + b" " * 70_000 + b"</Response>", "11750"),
    ],
)
def test_a_document_twilio_would_refuse_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(BadDocument, match=code):
        read(content)


def test_a_whole_number_attribute_must_be_one() -> None:
    (pause,) = read(b'<Response><Pause length="x"/></Response>')
    with pytest.raises(BadDocument, match="length"):
        pause.number("length", 1)
