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
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import espeakng_loader
import pyttsx3

ATTEMPTS = 4
EMPTY_WAV_BYTES = 44
QUIET_TIMEOUT_S = 5.0


class Speaker:
    """The one engine, and the rest it needs between two utterances."""

    def __init__(self) -> None:
        """Load espeak-ng from its wheel. Exits when its data is missing."""
        data = Path(os.environ.get("ESPEAK_DATA_PATH") or espeakng_loader.get_data_path())
        if not (data / "phontab").exists():
            sys.exit(f"espeak-ng data is missing: no phontab in {data.name}")
        os.environ["ESPEAK_DATA_PATH"] = str(data)
        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
        self._engine = pyttsx3.init("espeak")
        self._is_playing = importlib.import_module("pyttsx3.drivers._espeak").IsPlaying
        self._finished = threading.Event()
        self._pause = threading.Event()  # never set: a wait that ends by its time
        self._engine.connect("finished-utterance", lambda **_event: self._finished.set())

    def speak(self, request: Mapping[str, str]) -> str:
        """Write the utterance to `path`; return why it failed, or an empty string."""
        path = Path(request["path"])
        for _attempt in range(ATTEMPTS):
            self._write(request, path)
            if path.exists() and path.stat().st_size > EMPTY_WAV_BYTES:
                break
        # an unknown voice is ignored in silence and the last one (English at first) stays
        # (a voice is known by its short name or with its family: cmn or sit/cmn)
        if str(self._engine.getProperty("voice")).rpartition("/")[2] != request["voice"]:
            return "the voice is not installed"
        if not path.exists() or path.stat().st_size <= EMPTY_WAV_BYTES:
            return "espeak-ng wrote no audio"
        return ""

    def _write(self, request: Mapping[str, str], path: Path) -> None:
        """One utterance, waited for until espeak-ng's own thread is quiet.

        `runAndWait` may return before that; the next utterance then got the old speed,
        the old words or nothing (9 of 400 measured), and 1 of 400 with this wait.
        """
        self._finished.clear()
        self._engine.setProperty("voice", request["voice"])
        self._engine.setProperty("rate", int(request["rate"]))
        self._engine.save_to_file(request["text"], str(path))
        self._engine.runAndWait()
        self._finished.wait(QUIET_TIMEOUT_S)
        deadline = time.monotonic() + QUIET_TIMEOUT_S
        while self._is_playing() and time.monotonic() < deadline:
            self._pause.wait(0.002)


def answer(answers: TextIO, why: str) -> None:
    """One answer line."""
    answers.write(json.dumps({"ok": not why, "why": why}) + "\n")
    answers.flush()


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    # pyttsx3 prints to stdout for every file: keep that away from the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    speaker = Speaker()
    answer(answers, "")
    for line in sys.stdin:
        try:
            request = json.loads(line)
            why = speaker.speak(request)
        except (ValueError, KeyError, AssertionError, RuntimeError, OSError) as fault:
            why = type(fault).__name__
        answer(answers, why)


if __name__ == "__main__":
    main()
