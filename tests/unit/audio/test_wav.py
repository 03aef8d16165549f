"""WAV files as admins, test callers and programs really send them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.audio import mulaw, wav

pytestmark = pytest.mark.unit

TONE = np.round(8000 * np.sin(np.arange(1600) * 0.3)).astype(np.int16)


def _file(fmt: bytes, data: bytes, *, size: int | None = None, before: bytes = b"") -> bytes:
    body = b"WAVE" + before + b"fmt " + struct.pack("<I", len(fmt)) + fmt
    body += b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _fmt(coding: int, channels: int, rate: int, bits: int) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", coding, channels, rate, rate * block, block, bits)


def test_what_is_written_is_read_back() -> None:
    np.testing.assert_array_equal(wav.read(wav.write(TONE)), TONE)


def test_mulaw_files_are_read() -> None:
    encoded = mulaw.encode(TONE)
    np.testing.assert_array_equal(wav.read(wav.write_mulaw(encoded)), mulaw.decode(encoded))


def test_sixteen_kilohertz_is_brought_to_eight() -> None:
    assert len(wav.read(wav.write(TONE, rate=16000))) == len(TONE) // 2


def test_a_file_on_disk_goes_there_and_back(tmp_path: Path) -> None:
    wav.save(tmp_path / "a.wav", TONE)
    np.testing.assert_array_equal(wav.load(tmp_path / "a.wav"), TONE)


def test_stereo_fills_the_shorter_side_with_silence() -> None:
    both = wav.stereo(TONE, TONE[:10]).reshape(-1, 2)
    np.testing.assert_array_equal(both[:, 0], TONE)
    assert not both[10:, 1].any()


def test_other_chunks_and_the_extensible_form_are_understood() -> None:
    fmt = _fmt(0xFFFE, 1, 8000, 16) + struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14)
    junk = b"LIST" + struct.pack("<I", 5) + b"abcde\0"
    np.testing.assert_array_equal(wav.read(_file(fmt, TONE.tobytes(), before=junk)), TONE)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_file_streamed_into_a_pipe_is_read_to_its_end(size: int) -> None:
    content = _file(_fmt(1, 1, 8000, 16), TONE.tobytes(), size=size)
    np.testing.assert_array_equal(wav.read(content), TONE)


@pytest.mark.parametrize(
    ("fmt", "what"),
    [
        (_fmt(1, 2, 44100, 16), "44.1 kHz stereo 16-bit"),
        (_fmt(1, 1, 48000, 16), "48 kHz mono 16-bit"),
        (_fmt(1, 1, 8000, 8), "8 kHz mono 8-bit"),
        (_fmt(3, 1, 8000, 32), "8 kHz mono floating point"),
        (_fmt(6, 1, 8000, 8), "8 kHz mono A-law"),
        (_fmt(85, 2, 44100, 0), "44.1 kHz stereo coding 85"),
    ],
)
def test_the_message_says_what_it_is_and_what_to_send(fmt: bytes, what: str) -> None:
    with pytest.raises(wav.BadAudio) as refused:
        wav.read(_file(fmt, bytes(64)), "alarm.wav")
    assert str(refused.value) == f"alarm.wav is {what}; send 8 or 16 kHz mono 16-bit WAV"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a WAV file"),
        (b"ID3\x04" + bytes(100), "is not a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "without sound"),
        (_file(_fmt(1, 1, 8000, 16), bytes(100), size=200), "is cut off: 100 of 200 bytes"),
        (b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd", "without sound"),
    ],
)
def test_broken_files_are_named_as_what_they_are(content: bytes, message: str) -> None:
    with pytest.raises(wav.BadAudio, match=message):
        wav.read(content)


def test_a_missing_file_is_bad_audio_too(tmp_path: Path) -> None:
    with pytest.raises(wav.BadAudio, match=r"none\.wav cannot be read: No such file"):
        wav.load(tmp_path / "none.wav")


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_at_all_cause_anything_but_audio_or_bad_audio(noise: bytes, at: int) -> None:
    content = wav.write(TONE[:20])
    spoiled = content[:at] + noise + content[at + len(noise) :]
    try:
        assert wav.read(spoiled).dtype == np.int16
    except wav.BadAudio as refused:
        assert str(refused)
