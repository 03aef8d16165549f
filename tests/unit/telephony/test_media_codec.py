"""Stream JSON in, typed messages out: as documented, and whatever else may come."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.telephony import media_codec as codec

pytestmark = pytest.mark.unit


def start(**media_format: object) -> str:
    shape = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1, **media_format}
    body = {
        "streamSid": "MZ1",
        "accountSid": "AC1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "customParameters": {"token": "t"},
        "mediaFormat": shape,
    }
    return json.dumps(
        {"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": body, "new": {}}
    )


def test_start_is_read_with_its_parameters() -> None:
    started = codec.decode(start())
    assert isinstance(started, codec.StreamStarted)
    assert (started.call, started.stream, started.sequence) == ("CA1", "MZ1", 1)
    assert started.parameters == {"token": "t"}
    assert codec.refusal(started) is None


@pytest.mark.parametrize(
    "shape", [{"encoding": "audio/l16"}, {"sampleRate": 16000}, {"channels": 2}, {"encoding": ""}]
)
def test_a_stream_of_another_format_is_refused_in_plain_words(shape: dict[str, object]) -> None:
    started = codec.decode(start(**shape))
    assert isinstance(started, codec.StreamStarted)
    assert "audio/x-mulaw 8000 Hz" in (codec.refusal(started) or "")


def test_each_documented_message_is_read() -> None:
    payload = base64.b64encode(b"\xff" * 160).decode()
    media = {"track": "inbound", "chunk": "2", "timestamp": "20", "payload": payload}
    text = json.dumps({"event": "media", "sequenceNumber": "3", "media": media, "streamSid": "M"})
    assert codec.decode(text) == codec.MediaArrived(b"\xff" * 160, 20, 3, "inbound")
    dtmf = '{"event":"dtmf","sequenceNumber":"4","dtmf":{"track":"inbound_track","digit":"#"}}'
    assert codec.decode(dtmf) == codec.DigitArrived("#", 4)
    mark = '{"event":"mark","sequenceNumber":"5","mark":{"name":"G-01"}}'
    assert codec.decode(mark) == codec.MarkArrived("G-01", 5)
    assert codec.decode('{"event":"connected","protocol":"Call"}') == codec.Connected()
    assert codec.decode('{"event":"stop","stop":{}}') == codec.StreamStopped()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"event":"media"',
        "null",
        "[]",
        '{"event":1}',
        '{"event":"media"}',
        '{"event":"media","media":{"payload":"***"}}',
        '{"event":"media","media":{"payload":7}}',
        '{"event":"dtmf","dtmf":{"digit":"12"}}',
        '{"event":"start","start":{}}',
        '{"event":"start","start":{"callSid":"CA1"}}',
        '{"event":"telemetry"}',
        b"\xff\xfe\x00",
        "9" * (codec.MAX_MESSAGE + 1),
    ],
)
def test_malformed_messages_are_said_to_be_so(text: str | bytes) -> None:
    assert isinstance(codec.decode(text), codec.Unreadable)


def test_why_a_message_is_unreadable_does_not_quote_it() -> None:
    found = codec.decode('{"event":"dtmf","dtmf":{"digit":"secret"}}')
    assert isinstance(found, codec.Unreadable)
    assert "secret" not in found.why


@given(st.text() | st.binary())
def test_nothing_makes_the_codec_raise(text: str | bytes) -> None:
    codec.decode(text)


@given(st.binary(max_size=5000))
def test_audio_survives_its_way_out_in_chunks_of_at_most_100_ms(audio: bytes) -> None:
    chunks = [
        base64.b64decode(json.loads(text)["media"]["payload"]) for text in codec.media("MZ1", audio)
    ]
    assert b"".join(chunks) == audio
    assert all(0 < len(chunk) <= 800 for chunk in chunks)


def test_mark_and_clear_name_their_stream() -> None:
    assert json.loads(codec.mark("MZ1", 'a"b')) == {
        "event": "mark",
        "streamSid": "MZ1",
        "mark": {"name": 'a"b'},
    }
    assert json.loads(codec.clear("MZ1")) == {"event": "clear", "streamSid": "MZ1"}
