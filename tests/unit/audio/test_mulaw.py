"""The tables against the reference algorithm of G.711, value by value."""

import hashlib

import numpy as np
import pytest

from ivr.audio import mulaw

pytestmark = pytest.mark.unit

EVERY_SAMPLE = np.arange(65536).astype(np.uint16).view(np.int16)
EVERY_BYTE = bytes(range(256))


def _reference_encode(sample: int) -> int:
    """Sun's g711.c, linear2ulaw, in its 14-bit form, as CPython's audioop had it."""
    value = sample >> 2
    mask = 0x7F if value < 0 else 0xFF
    value = min(abs(value), 8159) + 33
    for segment, end in enumerate((0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF)):
        if value <= end:
            return ((segment << 4) | ((value >> (segment + 1)) & 0xF)) ^ mask
    return 0x7F ^ mask


def test_every_sample_is_coded_as_the_reference_does() -> None:
    coded = mulaw.encode(EVERY_SAMPLE)
    assert coded == bytes(_reference_encode(int(sample)) for sample in EVERY_SAMPLE)


def test_every_byte_is_decoded_as_audioop_did() -> None:
    """The digest is that of `audioop.ulaw2lin(bytes(range(256)), 2)`, little endian."""
    decoded = mulaw.decode(EVERY_BYTE).astype("<i2").tobytes()
    digest = "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827"
    assert hashlib.sha256(decoded).hexdigest() == digest


def test_coding_what_was_decoded_gives_the_same_byte_except_for_minus_zero() -> None:
    again = mulaw.encode(mulaw.decode(EVERY_BYTE))
    assert [b for b, a in zip(EVERY_BYTE, again, strict=True) if a != b] == [0x7F]


def test_silence_is_the_byte_of_nothing() -> None:
    assert mulaw.encode(np.zeros(3, dtype=np.int16)) == bytes([mulaw.SILENCE] * 3)


def test_a_view_with_gaps_is_coded_like_its_copy() -> None:
    stereo = np.array([1000, -1, 2000, -1, 3000, -1], dtype=np.int16)
    assert mulaw.encode(stereo[::2]) == mulaw.encode(stereo[::2].copy())
