"""The process that holds pyttsx3 and espeak-ng, alone, because they may take it down.

espeak-ng calls `exit` when its data is missing, two engines in two threads corrupt the
heap, two files queued before one `runAndWait` lose the first (speech note 3.1): so one
process, one engine, one utterance at a time. Requests and answers are JSON lines:
`{"text", "voice", "rate", "path"}` -> `{"ok": true}` or `{"ok": false, "why": "…"}`.
Run as `python -m ivr.speech.pyttsx3_child`.
"""

import ctypes
import importlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import espeakng_loader
import pyttsx3

ATTEMPTS = 4
EMPTY_WAV_BYTES = 44


def start() -> pyttsx3.Engine:
    """Load espeak-ng from its wheel and make the one engine. Exits when the data is missing."""
    data = Path(os.environ.get("ESPEAK_DATA_PATH") or espeakng_loader.get_data_path())
    if not (data / "phontab").exists():
        sys.exit(f"espeak-ng data is missing: no phontab in {data.name}")
    os.environ["ESPEAK_DATA_PATH"] = str(data)
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    return pyttsx3.init("espeak")


def speak(engine: pyttsx3.Engine, request: Mapping[str, str]) -> str:
    """Write the utterance to `path`; return why it failed, or an empty string."""
    engine.setProperty("voice", request["voice"])
    engine.setProperty("rate", int(request["rate"]))
    path = Path(request["path"])
    for _attempt in range(ATTEMPTS):
        engine.save_to_file(request["text"], request["path"])
        engine.runAndWait()
        # runAndWait may return while espeak-ng's own thread still speaks, and an event left
        # over from the last utterance may write an empty file (1 in 50, more under load)
        importlib.import_module("pyttsx3.drivers._espeak").Synchronize()
        if path.exists() and path.stat().st_size > EMPTY_WAV_BYTES:
            break
    # an unknown voice is ignored in silence and the last one (English at first) stays
    # (a voice is known by its short name or with its family: cmn or sit/cmn)
    if str(engine.getProperty("voice")).rpartition("/")[2] != request["voice"]:
        return "the voice is not installed"
    if not path.exists() or path.stat().st_size <= EMPTY_WAV_BYTES:
        return "espeak-ng wrote no audio"
    return ""


def answer(answers: TextIO, why: str) -> None:
    """One answer line."""
    answers.write(json.dumps({"ok": not why, "why": why}) + "\n")
    answers.flush()


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    # pyttsx3 prints to stdout for every file: keep that away from the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    engine = start()
    answer(answers, "")
    for line in sys.stdin:
        try:
            request = json.loads(line)
            why = speak(engine, request)
        except (ValueError, KeyError, AssertionError, RuntimeError, OSError) as fault:
            why = type(fault).__name__
        answer(answers, why)


if __name__ == "__main__":
    main()
