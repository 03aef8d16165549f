"""Reproduce docs/measurements/voice.md: how well the voices are understood by telephone.

    python docs/measurements/voice.py MODELS pack                     every line as shipped
    python docs/measurements/voice.py MODELS readback                 places joined from pieces
    python docs/measurements/voice.py MODELS voice zh zm_yunxi 1.0 8 [VOICES]   every 8th line

MODELS holds `whisper/` (faster-whisper base, `model.bin` and its JSON files); `kokoro/` is made
there. VOICES is a folder of Kokoro voice vectors with `vocab.json` (default: `prompts/voices`).
Whisper base int8, beam 1, no prompt, 15 s window, no noise; see intelligibility.py for the score.
"""

import random
import sys
from pathlib import Path

import faster_whisper.transcribe
import numpy as np
from faster_whisper import WhisperModel

from ivr.audio import mulaw
from ivr.audio.resample import as_float
from ivr.speech.catalogue import Catalogue
from ivr.speech.intelligibility import Transcribe, measure, measure_pack, table
from ivr.speech.kokoro_synthesizer import KokoroSynthesizer
from ivr.speech.spoken import speakable
from ivr.speech.synthesizer import Samples
from ivr.speech.voice_pack import LANGUAGES, read_all_words, read_lines

PROMPTS = Path(__file__).parents[2] / "prompts"
WINDOW = 1500  # frames of 10 ms


def whisper(folder: Path) -> Transcribe:
    """A transcriber with a 15 s encoder window."""
    pad = faster_whisper.transcribe.pad_or_trim
    faster_whisper.transcribe.pad_or_trim = lambda a, _length=0, *, axis=-1: pad(
        a, WINDOW, axis=axis
    )
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)

    def transcribe(samples: Samples, lang: str) -> str:
        quiet = np.zeros(3200, np.float32), np.zeros(8000, np.float32)
        audio = np.concatenate([quiet[0], as_float(samples, 8000, 16000), quiet[1]])
        segments, _ = model.transcribe(
            audio,
            language=lang,
            beam_size=1,
            condition_on_previous_text=False,
            temperature=0.0,
            without_timestamps=True,
        )
        return "".join(segment.text for segment in segments).strip()

    return transcribe


def one_voice(models: Path, arguments: list[str]) -> None:
    """Score one voice on every n-th line."""
    lang, name, speed, step = arguments[0], arguments[1], float(arguments[2]), int(arguments[3])
    voices = Path(arguments[4]) if len(arguments) > 4 else PROMPTS / "voices"
    words = read_all_words(PROMPTS)
    voice = KokoroSynthesizer(voices, models / "kokoro", {"zh": name, "en": name}, words)
    lines = [pair for pair in read_lines(PROMPTS, lang).items() if speakable(pair[1])][::step]
    audio = ((line, lang, text, voice.render(text, lang, speed=speed)) for line, text in lines)
    print(table(measure(audio, whisper(models / "whisper"), words)))


def readback(models: Path) -> None:
    """Score twelve places per language, joined from pieces between the lines around them."""
    words, said = read_all_words(PROMPTS), Catalogue(PROMPTS, (), models / "none")
    chance = random.Random(5)
    transcribe = whisper(models / "whisper")
    for lang in LANGUAGES:
        rows = []
        for number in range(12):
            floor = str(chance.randint(1, 33))
            place = {"building": str(chance.randint(1, 40)), "unit": str(chance.randint(1, 4))}
            place["floor"] = floor
            if number % 2:
                place["room"] = f"{floor}0{chance.randint(1, 8)}"
            parts = said.place_words(place, lang)
            before, after = said.text("K-10", lang), said.text("K-11", lang)
            text = f"{before} {said.phrase_text(parts, lang)} {after}"
            audio = said.audio("K-10", lang) + said.phrase(parts, lang) + said.audio("K-11", lang)
            rows.append((f"place {number}", lang, text, mulaw.decode(audio)))
        print(table(measure(rows, transcribe, words)))


if __name__ == "__main__":
    where, what = Path(sys.argv[1]), sys.argv[2]
    if what == "voice":
        one_voice(where, sys.argv[3:])
    elif what == "readback":
        readback(where)
    else:
        print(table(measure_pack(PROMPTS, whisper(where / "whisper"))))
