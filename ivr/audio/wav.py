"""Read and write telephone WAV: 8 kHz PCM16 or mu-law, mono; 16 kHz PCM16 is accepted too.

Parsed by hand: the standard library's `wave` refuses mu-law, and a recording that an admin uploads
or a test caller sends must give a message that says what to send instead.
"""

import struct
from pathlib import Path
from typing import Final

import numpy as np

from ivr.audio import mulaw
from ivr.audio.frames import RATE
from ivr.audio.mulaw import Pcm
from ivr.audio.resample import resample

_PCM: Final = 1
_MULAW: Final = 7
_EXTENSIBLE: Final = 0xFFFE
_SEND: Final = "send 8 or 16 kHz mono 16-bit WAV"
_STREAMED: Final = (0, 0xFFFFFFFF)
"""Data sizes that a program writes when it streams into a pipe: the data go on to the end."""


class BadAudio(ValueError):
    """The audio cannot be used; the message says what it is and what to send instead."""


def read(content: bytes, name: str = "the file") -> Pcm:
    """Return the samples of a WAV file's `content` at 8000 Hz.

    Raises:
        BadAudio: not a WAV, truncated, or not 8 kHz PCM16 or mu-law or 16 kHz PCM16, mono.
    """
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        message = f"{name} is not a WAV file; {_SEND}"
        raise BadAudio(message)
    layout, data = _chunks(content, name)
    coding, channels, rate, bits = layout
    if coding == _MULAW and (channels, rate, bits) == (1, RATE, 8):
        return mulaw.decode(data)
    if coding == _PCM and channels == 1 and bits == 16 and rate in (RATE, 2 * RATE):
        samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.int16)
        return resample(samples, rate, RATE)
    message = f"{name} is {_describe(coding, channels, rate, bits)}; {_SEND}"
    raise BadAudio(message)


def load(path: Path) -> Pcm:
    """Return the samples of the WAV file at `path`, 8000 Hz.

    Raises:
        BadAudio: see `read`; also where the file cannot be opened.
    """
    try:
        return read(path.read_bytes(), path.name)
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror}"
        raise BadAudio(message) from error


def write(pcm: Pcm, *, rate: int = RATE, channels: int = 1) -> bytes:
    """Return a PCM16 WAV file of `pcm` (interleaved where `channels` is 2)."""
    data = pcm.astype("<i2").tobytes()
    return _file(
        struct.pack("<HHIIHH", _PCM, channels, rate, rate * channels * 2, channels * 2, 16), data
    )


def write_mulaw(encoded: bytes) -> bytes:
    """Return a mu-law WAV file of `encoded`, 8000 Hz mono."""
    fmt = struct.pack("<HHIIHHH", _MULAW, 1, RATE, RATE, 1, 8, 0)
    return _file(fmt, encoded, extra=b"fact" + struct.pack("<II", 4, len(encoded)))


def save(path: Path, pcm: Pcm, *, channels: int = 1) -> None:
    """Write `pcm` to `path` as 8000 Hz PCM16."""
    path.write_bytes(write(pcm, channels=channels))


def stereo(left: Pcm, right: Pcm) -> Pcm:
    """Return `left` and `right` interleaved, the shorter filled up with silence."""
    both = np.zeros((max(len(left), len(right)), 2), dtype=np.int16)
    both[: len(left), 0] = left
    both[: len(right), 1] = right
    return both.reshape(-1)


def _file(fmt: bytes, data: bytes, extra: bytes = b"") -> bytes:
    pad = b"\0" * (len(data) % 2)
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + extra
    body += b"data" + struct.pack("<I", len(data)) + data + pad
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunks(content: bytes, name: str) -> tuple[tuple[int, int, int, int], bytes]:
    """Return (coding, channels, rate, bits) and the data chunk's bytes."""
    layout: tuple[int, int, int, int] | None = None
    at = 12
    while at + 8 <= len(content):
        kind, size = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        body = content[at + 8 : at + 8 + size]
        if kind == b"fmt " and len(body) >= 16:
            layout = _layout(body)
        elif kind == b"data" and layout is not None:
            if size in _STREAMED:
                body = content[at + 8 :]
            elif len(body) < size:
                message = f"{name} is cut off: {len(body)} of {size} bytes of sound; send it again"
                raise BadAudio(message)
            return layout, body
        at += 8 + size + size % 2
    message = f"{name} is a WAV file without sound in it; {_SEND}"
    raise BadAudio(message)


def _layout(fmt: bytes) -> tuple[int, int, int, int]:
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", fmt)
    if coding == _EXTENSIBLE and len(fmt) >= 26:
        coding = struct.unpack_from("<H", fmt, 24)[0]  # the sub-format's first two bytes
    return coding, channels, rate, bits


def _describe(coding: int, channels: int, rate: int, bits: int) -> str:
    sound = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
    kind = {_PCM: f"{bits}-bit", _MULAW: "mu-law", 3: "floating point", 6: "A-law"}.get(
        coding, f"coding {coding}"
    )
    return f"{rate / 1000:g} kHz {sound} {kind}"
