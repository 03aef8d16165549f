"""Is somebody speaking? Silero's detector (version 6, MIT), from the wheel of faster-whisper.

The network takes 32 ms of 16 kHz audio with the 4 ms before it, and keeps its memory in two small
arrays, so a call has its own `VoiceActivity` and all calls share one session. 0.15 ms a piece.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ivr.audio.endpointing import Activity
from ivr.audio.frames import RATE
from ivr.audio.level import dbfs
from ivr.audio.mulaw import Pcm
from ivr.audio.resample import Doubler

PIECE: Final = 256
"""Telephone samples that are judged at once: 32 ms."""
_CONTEXT: Final = 64
_MODEL: Final = Path("assets") / "silero_vad_v6.onnx"


class VoiceDetector(Protocol):
    """Judges one call's audio, piece by piece, in order."""

    def add(self, pcm: Pcm) -> list[tuple[Activity, Pcm]]:
        """Return the pieces that `pcm` (8000 Hz) completes, each with what is heard in it."""
        ...


class VoiceModelMissing(Exception):
    """The detector's file is not where the faster-whisper wheel keeps it."""


@dataclass(frozen=True, slots=True)
class VoiceModel:
    """The network, loaded once per process; thread-safe."""

    session: onnxruntime.InferenceSession

    @classmethod
    def load(cls) -> "VoiceModel":
        """Return the model of the installed wheel, without importing the wheel's engine.

        Raises:
            VoiceModelMissing: faster-whisper is not installed, or without the file.
        """
        spec = find_spec("faster_whisper")
        if spec is None or spec.origin is None:
            message = "faster-whisper is not installed, and the voice detector comes with it"
            raise VoiceModelMissing(message)
        path = Path(spec.origin).parent / _MODEL
        if not path.is_file():
            message = f"{_MODEL.name} is not in the faster-whisper wheel; install version 1.2.1"
            raise VoiceModelMissing(message)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        return cls(onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"]))


class VoiceActivity:
    """Judges one call's audio, piece by piece; remembers what came before."""

    def __init__(self, model: VoiceModel) -> None:
        self._session = model.session
        self._doubler = Doubler()
        self._waiting: Pcm = np.zeros(0, dtype=np.int16)
        self._context = np.zeros(_CONTEXT, dtype=np.float32)
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)
        self._heard = 0

    def add(self, pcm: Pcm) -> list[tuple[Activity, Pcm]]:
        """Return the pieces (256 samples, 8000 Hz) that `pcm` completes, with their activity."""
        samples = np.concatenate([self._waiting, pcm])
        end = len(samples) - len(samples) % PIECE
        self._waiting = samples[end:]
        return [self._judge(samples[start : start + PIECE]) for start in range(0, end, PIECE)]

    def _judge(self, piece: Pcm) -> tuple[Activity, Pcm]:
        wide = self._doubler.add(piece)
        fed: NDArray[np.float32] = np.concatenate([self._context, wide])[np.newaxis]
        self._context = wide[-_CONTEXT:]
        probability, self._h, self._c = self._session.run(
            None, {"input": fed, "h": self._h, "c": self._c}
        )
        began = self._heard / RATE
        self._heard += len(piece)
        return Activity(began, self._heard / RATE, float(probability[0]), dbfs(piece)), piece
