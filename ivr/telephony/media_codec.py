"""Twilio's media-stream JSON to typed messages and back. Pure; pydantic stands at this edge.

Numbers arrive as strings, unknown fields and events are the carrier's good right (Telnyx,
SignalWire and Fonoster add some), and `customParameters` stand only in `start`.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

MAX_MESSAGE: Final = 131_072
"""Bytes of one text message; Twilio's are some 300, other carriers send up to 100 kB of audio."""
CHUNK_BYTES: Final = 800
"""Audio of one outgoing message: 100 ms."""
_KEYS: Final = frozenset("0123456789*#ABCDabcd")


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is up; `start` follows."""


@dataclass(frozen=True, slots=True)
class StreamStarted:
    stream: str
    call: str
    parameters: Mapping[str, str]
    encoding: str
    rate: int
    """Hertz."""
    channels: int
    sequence: int | None


@dataclass(frozen=True, slots=True)
class MediaArrived:
    audio: bytes
    timestamp_ms: int
    sequence: int | None
    track: str


@dataclass(frozen=True, slots=True)
class DigitArrived:
    digit: str
    sequence: int | None


@dataclass(frozen=True, slots=True)
class MarkArrived:
    name: str
    sequence: int | None


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """The carrier ends the stream: the caller hung up, or the call was redirected."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Not a message we know; `why` is fit for a log and holds nothing of the content."""

    why: str


StreamMessage = (
    Connected
    | StreamStarted
    | MediaArrived
    | DigitArrived
    | MarkArrived
    | StreamStopped
    | Unreadable
)


def _text(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


def _known_key(digit: str) -> str:
    if digit not in _KEYS:
        message = "not a telephone key"
        raise ValueError(message)
    return digit.upper()


Text = Annotated[str, BeforeValidator(_text), Field(max_length=2000)]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class _Format(_Loose):
    encoding: str = ""
    sample_rate: int = 0
    channels: int = 1


class _Start(_Loose):
    stream_sid: str | None = None
    call_sid: str
    custom_parameters: dict[str, Text] = Field(default_factory=dict)
    media_format: _Format = Field(default_factory=_Format)


class _Media(_Loose):
    payload: str
    timestamp: int = 0
    track: str = "inbound"


class _Digit(_Loose):
    digit: Annotated[str, BeforeValidator(_text), AfterValidator(_known_key)]


class _Mark(_Loose):
    name: Text


class _Message(_Loose):
    event: str
    sequence_number: int | None = None
    stream_sid: str | None = None
    start: _Start | None = None
    media: _Media | None = None
    dtmf: _Digit | None = None
    mark: _Mark | None = None


def decode(text: str | bytes) -> StreamMessage:
    """Return the typed form of one text message; never raises."""
    if len(text) > MAX_MESSAGE:
        return Unreadable(f"message of {len(text)} bytes, at most {MAX_MESSAGE} are taken")
    try:
        message = _Message.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "message"
        return Unreadable(f"{where}: {first['type']}")
    return _typed(message)


def _typed(message: _Message) -> StreamMessage:
    number = message.sequence_number
    match message.event:
        case "media" if message.media is not None:
            return _audio(message.media, number)
        case "mark" if message.mark is not None:
            return MarkArrived(message.mark.name, number)
        case "dtmf" if message.dtmf is not None:
            return DigitArrived(message.dtmf.digit, number)
        case "start" if message.start is not None:
            return _started(message, message.start)
        case "connected":
            return Connected()
        case "stop":
            return StreamStopped()
        case "media" | "mark" | "dtmf" | "start":
            return Unreadable(f"{message.event}: its body is missing")
        case _:
            return Unreadable("event: unknown")


def _started(message: _Message, start: _Start) -> StreamMessage:
    stream = message.stream_sid or start.stream_sid
    if not stream:
        return Unreadable("start: no streamSid")
    return StreamStarted(
        stream=stream,
        call=start.call_sid,
        parameters=start.custom_parameters,
        encoding=start.media_format.encoding.lower(),
        rate=start.media_format.sample_rate,
        channels=start.media_format.channels,
        sequence=message.sequence_number,
    )


def _audio(media: _Media, number: int | None) -> MediaArrived | Unreadable:
    try:
        audio = base64.b64decode(media.payload, validate=True)
    except (binascii.Error, ValueError):
        return Unreadable("media.payload: not base64")
    return MediaArrived(audio, media.timestamp, number, media.track.removesuffix("_track"))


def media(stream: str, audio: bytes) -> Iterator[str]:
    """Yield `audio` (mu-law 8000 Hz, no header) as messages of at most 100 ms."""
    for at in range(0, len(audio), CHUNK_BYTES):
        payload = base64.b64encode(audio[at : at + CHUNK_BYTES]).decode("ascii")
        body = f'"media":{{"payload":"{payload}"}}'
        yield f'{{"event":"media","streamSid":{json.dumps(stream)},{body}}}'


def mark(stream: str, name: str) -> str:
    return json.dumps({"event": "mark", "streamSid": stream, "mark": {"name": name}})


def clear(stream: str) -> str:
    return json.dumps({"event": "clear", "streamSid": stream})


def refusal(started: StreamStarted) -> str | None:
    """Return why this stream's audio cannot be used, None where it can."""
    if (started.encoding, started.rate, started.channels) == ("audio/x-mulaw", 8000, 1):
        return None
    shape = f"{started.encoding or 'no encoding'} {started.rate} Hz x{started.channels}"
    return f"the stream carries {shape[:80]}; audio/x-mulaw 8000 Hz x1 is needed"
