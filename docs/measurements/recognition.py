# ruff: noqa: B023, TID251 - a script for a terminal, paced by the real clock; its threads end in their loop
"""Reproduces the tables of `recognition.md`.

python docs/measurements/recognition.py MODELS_FOLDER accuracy|load|replies [--quick]
"""

import csv
import os
import resource
import sys
import threading
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from ivr.audio import mulaw
from ivr.audio.frames import FRAME_S, RATE, cut
from ivr.audio.wav import load
from ivr.call.hearing import SpeechStarted, UtteranceHeard
from ivr.call.listening import Listening
from ivr.speech.measuring import Clip, measure, through_telephone, together
from ivr.speech.models import whisper_directory
from ivr.speech.plausible import Inventions
from ivr.speech.spoken_words import read_spoken_words
from ivr.speech.voice_activity import VoiceActivity, VoiceModel
from ivr.speech.whisper_recognizer import Decoding, WhisperRecognizer

ROOT = Path(__file__).parents[2]
CALLERS = ROOT / "tests" / "audio" / "callers"
HUMAN = Path(os.environ.get("IVR_SHARED", ROOT.parent / "shared")) / "speech" / "human"
WORDS = {lang: read_spoken_words(ROOT / "prompts", lang) for lang in ("zh", "en")}
LISTS = sorted((ROOT / "playbooks" / "sentences").glob("*/_hallucinations.yaml"))


def _clips() -> dict[str, list[Clip]]:
    with (CALLERS / "callers.tsv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if row["text"]]
    callers = [Clip(r["file"], r["lang"], r["text"], load(CALLERS / r["file"])) for r in rows]
    groups = {
        "rendered callers zh": [clip for clip in callers if clip.lang == "zh"],
        "rendered callers en": [clip for clip in callers if clip.lang == "en"],
    }
    if HUMAN.is_dir():
        with (HUMAN / "human.tsv").open(encoding="utf-8") as table:
            rows = list(csv.DictReader(table, delimiter="\t"))
        groups["human zh"] = [
            Clip(r["file"], "zh", r["transcript"], load(HUMAN / r["file"])) for r in rows
        ]
    return groups


def accuracy(folder: Path) -> None:
    """Error, work and rejections per decoding setting and audio."""
    groups = _clips()
    for setting in (
        Decoding(),
        Decoding(beam=1),
        Decoding(window_s=7),
        Decoding(window_s=15),
        Decoding(window_s=30, beam=1),
    )[: 2 if "--quick" in sys.argv else None]:
        recognizer = WhisperRecognizer(folder, Inventions.load(LISTS), decoding=setting)
        for name, clips in groups.items():
            for noise_db in (None, 20.0, 10.0):
                phone = [
                    Clip(
                        c.name,
                        c.lang,
                        c.said,
                        through_telephone(c.pcm, noise_db=noise_db, seed=number),
                    )
                    for number, c in enumerate(clips)
                ]
                rows = measure(recognizer, phone, WORDS)
                sums = together(rows)
                refused = sum(row.rejected is not None for row in rows)
                print(
                    f"window {setting.window_s:g} beam {setting.beam} | {name} ({sums.clips}) | "
                    f"{'clean' if noise_db is None else f'{noise_db:g} dB'} | {sums.error:.1%} | "
                    f"{sums.decode_p50_s:.2f} / {sums.decode_p95_s:.2f} s | refused {refused}",
                    flush=True,
                )
        recognizer.close()


def load_test(folder: Path) -> None:
    """One and four finished turns at once, per threads and workers; work alone, no pauses."""
    clips = [clip.pcm for clip in _clips()["rendered callers zh"]]
    for threads, workers in ((2, 1), (1, 2), (2, 2)):
        recognizer = WhisperRecognizer(folder, Inventions(), threads=threads, workers=workers)
        for callers in (1, 4):
            waits: list[float] = []

            def call(first: int) -> None:
                for pcm in clips[first::4][:5]:
                    began = time.perf_counter()
                    turn = recognizer.start("zh")
                    turn.feed(pcm)
                    turn.finish().result()
                    waits.append(time.perf_counter() - began)

            began = time.perf_counter()
            _at_once([threading.Thread(target=call, args=(k,)) for k in range(callers)])
            rate = len(waits) / (time.perf_counter() - began)
            print(
                f"threads {threads} workers {workers} | {callers} at once | "
                f"p50 {np.percentile(waits, 50):.2f} p95 {np.percentile(waits, 95):.2f} s | "
                f"{rate:.2f}/s | {_rss_mb()} MB | load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        recognizer.close()


def replies(folder: Path) -> None:
    """From the last sample of speech to the text, and to barge-in, paced in real time."""
    recognizer = WhisperRecognizer(folder, Inventions.load(LISTS))
    model = VoiceModel.load()
    clips = [clip.pcm for clip in _clips()["rendered callers zh"]]
    recognizer.decode(clips[0], "zh")
    for callers, kind in ((1, "open"), (1, "yes_no"), (1, "place"), (2, "open"), (4, "open")):
        texts: list[float] = []
        starts: list[float] = []
        missed: list[float] = []

        def call(k: int) -> None:
            rng = np.random.default_rng(k)
            parts = [np.zeros(int(RATE * (0.5 + 2 * rng.random())), dtype=np.int16)]
            spans = []
            for number in range(5):
                pcm = clips[(k * 7 + number * 3) % len(clips)]
                loud = np.nonzero(np.abs(pcm.astype(int)) > 0.03 * np.abs(pcm.astype(int)).max())[0]
                at = sum(map(len, parts))
                spans.append(((at + loud[0]) / RATE, (at + loud[-1]) / RATE))
                parts += [pcm, np.zeros(3 * RATE, dtype=np.int16)]
            events: list = []
            zero = time.perf_counter()
            ears = Listening(
                recognizer,
                VoiceActivity(model),
                lambda event: events.append((time.perf_counter() - zero, event)),
                lang="zh",
            )
            ears.expect(kind)
            ears.start()
            for number, frame in enumerate(cut(mulaw.encode(np.concatenate(parts)))):
                time.sleep(max(0.0, zero + (number + 1) * FRAME_S - time.perf_counter()))
                ears.hear(frame, number * FRAME_S)
            ears.close()
            for began, ended in spans:
                heard = [
                    at - ended
                    for at, event in events
                    if isinstance(event, UtteranceHeard) and abs(event.ended_at - ended) < 0.5
                ]
                (texts if heard else missed).append(heard[-1] if heard else ended)
                starts.extend(
                    at - began
                    for at, event in events
                    if isinstance(event, SpeechStarted) and abs(event.at - began) < 0.4
                )

        _at_once([threading.Thread(target=call, args=(k,)) for k in range(callers)])
        print(
            f"{callers} speaking, {kind} | text p50 {np.percentile(texts, 50):.2f} "
            f"p95 {np.percentile(texts, 95):.2f} s | barge-in p50 {np.percentile(starts, 50):.2f} "
            f"p95 {np.percentile(starts, 95):.2f} s | {len(texts)} turns, {len(missed)} missed | "
            f"{_rss_mb()} MB | load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    recognizer.close()


def _at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _rss_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    models = whisper_directory(Path(sys.argv[1]), lambda *_: None)
    {"accuracy": accuracy, "load": load_test, "replies": replies}[sys.argv[2]](models)
