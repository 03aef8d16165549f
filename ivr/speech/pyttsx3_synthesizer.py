"""The fallback voice that always works: pyttsx3 in one child process, never in ours.

Robotic, but there without any model. The library itself is loaded by `pyttsx3_child` only.
"""

import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ivr.audio.resample import resample
from ivr.speech.mastering import join, master
from ivr.speech.spoken import SpokenWords, language_of, say, speakable, split
from ivr.speech.synthesizer import TELEPHONE_RATE, Samples, SynthesisFailed

START_TIMEOUT_S = 20.0
UTTERANCE_TIMEOUT_S = 15.0
_WORDS_PER_MINUTE = 170
_LONGEST_TEXT = 120  # characters; 800 give one file of 152 s
_SHORTEST_S = 0.3  # less than this is espeak's silence for "nothing to say"
_FAINTEST = 1000  # 16-bit; speech peaks above 10,000
_GAP_S = 0.2
VOICES = {"zh": "cmn", "en": "en-us"}


class Pyttsx3Synthesizer:
    """Speaks through one child process, restarted when it dies or hangs."""

    def __init__(
        self,
        words: Mapping[str, SpokenWords],
        *,
        voices: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`words` by language; `voices` are espeak-ng names, `environment` is the child's own."""
        self._words = dict(words)
        self._voices = dict(VOICES if voices is None else voices)
        self._environment = {**os.environ, **(environment or {})}
        self._turn = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    @property
    def voice(self) -> str:
        """Such as `espeak-ng en=en-us zh=cmn`."""
        return "espeak-ng " + " ".join(f"{k}={name}" for k, name in sorted(self._voices.items()))

    def voice_for(self, text: str, lang: str) -> str:
        """Such as `espeak-ng cmn`."""
        return f"espeak-ng {self._voices.get(language_of(text, lang), 'none')}"

    @property
    def child_pid(self) -> int | None:
        """Process id of the running child, None while there is none."""
        child = self._child
        return None if child is None or child.poll() is not None else child.pid

    def render(self, text: str, lang: str, *, speed: float = 1.0) -> Samples:
        """See `Synthesizer.render`. A dead or hung child is replaced once, then it fails."""
        spoken = "".join(c for c in text if c.isprintable()).strip()
        if not speakable(spoken):
            raise SynthesisFailed("there is nothing to say in this text")
        tongue = language_of(spoken, lang)
        if tongue not in self._voices:
            raise SynthesisFailed(f"this voice does not speak {tongue}")
        parts = split(say(spoken, self._words[tongue]), _LONGEST_TEXT)
        with self._turn:
            return join([self._utterance(part, tongue, speed) for part in parts], _GAP_S)

    def close(self) -> None:
        """End the child."""
        with self._turn:
            self._end()

    def _utterance(self, text: str, tongue: str, speed: float) -> Samples:
        with tempfile.TemporaryDirectory(prefix="ivr-voice-") as folder:
            path = Path(folder) / "utterance.wav"
            request = {
                "text": text,
                "voice": self._voices[tongue],
                "rate": str(round(_WORDS_PER_MINUTE * speed)),
                "path": str(path),
            }
            if not self._ask(request) and not self._ask(request):
                raise SynthesisFailed("the fallback voice died twice on this text")
            return _read(path)

    def _ask(self, request: Mapping[str, str]) -> bool:
        """Have the child write the file; False when it died or hung (it is gone then)."""
        child = self._running()
        if child.stdin is None:
            return False
        try:
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
        except OSError:
            self._end()
            return False
        reply = _line(child, UTTERANCE_TIMEOUT_S)
        if reply is None:
            self._end()
            return False
        answer = json.loads(reply)
        if not answer["ok"]:
            raise SynthesisFailed(f"fallback voice: {answer['why']}")
        return True

    def _running(self) -> subprocess.Popen[str]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        child = subprocess.Popen(
            [sys.executable, "-m", "ivr.speech.pyttsx3_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            cwd=Path(__file__).parents[2],
            text=True,
            encoding="utf-8",
        )
        self._child = child
        if _line(child, START_TIMEOUT_S) is None:
            self._end()
            raise SynthesisFailed("the fallback voice does not start (espeak-ng or its data)")
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was still buffered for a dead child


def _line(child: subprocess.Popen[str], timeout_s: float) -> str | None:
    """The child's next answer; None when it closed the pipe or took too long."""
    if child.stdout is None:
        return None
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        if not ready.select(timeout_s):
            return None
    return child.stdout.readline() or None


def _read(path: Path) -> Samples:
    try:
        with wave.open(str(path), "rb") as file:
            rate, frames = file.getframerate(), file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as fault:
        raise SynthesisFailed("the fallback voice wrote no audio") from fault
    heard = np.frombuffer(frames, dtype=np.int16)
    samples = master(resample(heard, rate, TELEPHONE_RATE) / np.float64(32768))
    too_short = len(heard) < _SHORTEST_S * rate or len(samples) == 0
    if too_short or np.abs(heard.astype(int)).max() < _FAINTEST:
        raise SynthesisFailed("the fallback voice had nothing to say")
    return samples
