"""WAV files of 8 kHz mono mu-law (format 7): the one kind Twilio's <Play> serves unconverted."""

import struct
from typing import Final

RATE: Final = 8000
_FORMAT_MULAW: Final = 7


class NotATelephoneWav(Exception):
    """The file is no 8 kHz mono mu-law WAV; the message says what it is instead."""


def wrap(mulaw: bytes) -> bytes:
    """Put raw mu-law samples into a WAV file (header with `fact` chunk, as format 7 demands)."""
    pad = b"\x00" * (len(mulaw) % 2)
    fmt = struct.pack("<HHIIHHH", _FORMAT_MULAW, 1, RATE, RATE, 1, 8, 0)
    body = b"WAVE" + _chunk(b"fmt ", fmt) + _chunk(b"fact", struct.pack("<I", len(mulaw)))
    body += _chunk(b"data", mulaw) + pad
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def unwrap(wav: bytes) -> bytes:
    """Return the raw mu-law samples of a WAV file. Raises `NotATelephoneWav`."""
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise NotATelephoneWav("it is not a WAV file")
    at, form = 12, None
    while at + 8 <= len(wav):
        name, size = wav[at : at + 4], struct.unpack_from("<I", wav, at + 4)[0]
        content = wav[at + 8 : at + 8 + size]
        if name == b"fmt " and len(content) >= 16:
            form = struct.unpack_from("<HHIIHH", content)
        elif name == b"data":
            _demand_telephone_form(form)
            if len(content) != size:
                raise NotATelephoneWav("it ends before its audio does")
            return content
        at += 8 + size + size % 2
    raise NotATelephoneWav("it holds no audio")


def _demand_telephone_form(form: tuple[int, ...] | None) -> None:
    if form is None:
        raise NotATelephoneWav("it does not say its format")
    kind, channels, rate = form[0], form[1], form[2]
    if (kind, channels, rate) != (_FORMAT_MULAW, 1, RATE):
        raise NotATelephoneWav(f"it is format {kind}, {channels} channel(s), {rate} Hz")
