"""Everything the hotline can say, as mu-law audio ready to send.

From the voice pack where the file speaks exactly today's words; else rendered live by the
first voice that works, and kept. So an edited text is never answered with an old recording.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.audio import mulaw, wav
from ivr.audio.frames import RATE, silence
from ivr.speech.mastering import tighten
from ivr.speech.pack_rendering import PIECE_LEAD_S, PIECE_TAIL_S
from ivr.speech.slowing import stretch
from ivr.speech.spoken import SpokenWords, all_pieces, pieces_of, place_words
from ivr.speech.synthesizer import Samples, SynthesisFailed, Synthesizer
from ivr.speech.voice_pack import (
    LANGUAGES,
    Recording,
    Wanted,
    fault_of,
    pack_dir,
    piece_file,
    read_all_words,
    read_audio,
    read_lines,
    read_manifest,
    spoken_form,
    voice_language,
)

WORD_GAP_S = 0.08
"""between the parts of a place; people leave about as much"""
INNER_GAP_S = 0.03
"""between the pieces of one number"""
SLOW_FACTOR = 1.25
"""how much longer the slow form takes"""
SLOW_GAP_S = 0.35
SLOW_INNER_GAP_S = 0.12
LEAD_S = 0.04
TAIL_S = 0.08


@dataclass(frozen=True, slots=True)
class _Language:
    lines: Mapping[str, str]
    files: Mapping[str, Recording]
    pieces: frozenset[str]


class Catalogue:
    """Lines and phrases as audio. Safe to use from several threads."""

    def __init__(
        self,
        prompts_dir: Path,
        synthesizers: Sequence[Synthesizer],
        cache_dir: Path,
        *,
        revised: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`revised`: language -> line id -> text, an admin's texts over those of the files.

        Live renderings are kept under `cache_dir`. Raises `BrokenPack` where the prompt
        files or manifests cannot be read.
        """
        self._prompts_dir = prompts_dir
        self._synthesizers = tuple(synthesizers)
        self._cache_dir = cache_dir
        self._words = read_all_words(prompts_dir)
        self._languages = {
            lang: _read_language(prompts_dir, self._words[lang], (revised or {}).get(lang, {}))
            for lang in LANGUAGES
        }
        self._ready: dict[str, bytes] = {}
        self._rendering = threading.Lock()

    def text(self, line_id: str, lang: str) -> str:
        """The words of a line. Raises `KeyError` for an unknown line."""
        return self._languages[lang].lines[line_id]

    def audio(self, line_id: str, lang: str, *, slow: bool = False) -> bytes:
        """A line as raw mu-law, 8000 bytes a second; `slow` is the same take, stretched.

        Raises `KeyError` for an unknown line and `SynthesisFailed` when the pack lacks
        it and no voice can render it.
        """
        want = self._wanted(line_id, lang)
        audio = self._from_pack(want, lang) or self._live(want.spoken, want.lang)
        return self._slower(audio) if slow else audio

    def wav(self, line_id: str, lang: str, *, slow: bool = False) -> bytes:
        """A line as a WAV file for Twilio's `<Play>`; errors as `audio`."""
        return wav.write_mulaw(self.audio(line_id, lang, slow=slow))

    def seconds(self, line_id: str, lang: str, *, slow: bool = False) -> float:
        """How long a line takes to say; errors as `audio`."""
        return len(self.audio(line_id, lang, slow=slow)) / RATE

    def place_words(self, place: Mapping[str, str | None], lang: str) -> tuple[str, ...]:
        """The words of a place, for `phrase` and for a text on a screen (`spoken.place_words`)."""
        return place_words(place, self._words[lang])

    def phrase(self, words: Sequence[str], lang: str, *, slow: bool = False) -> bytes:
        """Words such as a place's, joined from rendered pieces, as raw mu-law.

        A word without pieces is rendered live. Raises `SynthesisFailed` when that fails.
        """
        gap = silence(SLOW_GAP_S if slow else WORD_GAP_S)
        parts = [self._word(word, lang, slow=slow) for word in words if word.strip()]
        if not parts:
            return b""
        return silence(LEAD_S) + gap.join(parts) + silence(TAIL_S)

    def phrase_wav(self, words: Sequence[str], lang: str, *, slow: bool = False) -> bytes:
        """`phrase` as a WAV file for Twilio's `<Play>`."""
        return wav.write_mulaw(self.phrase(words, lang, slow=slow))

    def phrase_text(self, words: Sequence[str], lang: str) -> str:
        """The words as one text, for a screen or another voice."""
        return (self._words[lang].joint and ", ").join(words)

    def warm(self) -> int:
        """Read the whole pack into memory; return how many files are ready."""
        for lang, language in self._languages.items():
            for line_id in language.lines:
                self._from_pack(self._wanted(line_id, lang), lang)
            for piece in language.pieces:
                self._piece(piece, lang)
        return len(self._ready)

    def unrendered(self, lang: str) -> tuple[str, ...]:
        """Lines of `lang` that will be rendered live, because the pack lacks their words."""
        return tuple(
            line_id
            for line_id in self._languages[lang].lines
            if not self._from_pack(self._wanted(line_id, lang), lang)
        )

    def _wanted(self, line_id: str, lang: str) -> Wanted:
        text = self._languages[lang].lines[line_id]
        return Wanted(
            file=f"{line_id}.wav",
            text=text,
            spoken=spoken_form(line_id, text, self._words, lang),
            lang=voice_language(line_id, text, self._words[lang]),
            pace="normal",
        )

    def _from_pack(self, want: Wanted, lang: str) -> bytes:
        """The file's audio if it speaks exactly these words, else nothing."""
        key = f"{lang}/{want.file}"
        if key not in self._ready:
            recording = self._languages[lang].files.get(want.file)
            if fault_of(self._prompts_dir, lang, want, recording):
                return b""
            self._ready[key] = read_audio(pack_dir(self._prompts_dir, lang) / want.file)
        return self._ready[key]

    def _word(self, word: str, lang: str, *, slow: bool) -> bytes:
        known = pieces_of(word, self._languages[lang].pieces)
        pieces = [self._piece(piece, lang) for piece in known or ()]
        if not pieces or not all(pieces):
            pieces = [self._live(word, lang, tight=True)]
        gap = silence(SLOW_INNER_GAP_S if slow else INNER_GAP_S)
        return gap.join([self._slower(piece) if slow else piece for piece in pieces])

    def _slower(self, audio: bytes) -> bytes:
        """The same audio, stretched; 30 ms of work a line, so it is remembered."""
        key = f"slow/{hashlib.sha256(audio).hexdigest()}"
        if key not in self._ready:
            self._ready[key] = mulaw.encode(stretch(mulaw.decode(audio), SLOW_FACTOR))
        return self._ready[key]

    def _piece(self, piece: str, lang: str) -> bytes:
        return self._from_pack(Wanted(piece_file(piece), piece, piece, lang, "piece"), lang)

    def _live(self, spoken: str, lang: str, *, tight: bool = False) -> bytes:
        """Rendered by the first voice that works; kept on disk by content."""
        faults = []
        for synthesizer in self._synthesizers:
            name = f"{synthesizer.voice_for(spoken, lang)}|{lang}|{tight}|{spoken}"
            key = hashlib.sha256(name.encode()).hexdigest()
            with self._rendering:
                if key in self._ready:
                    return self._ready[key]
                try:
                    audio = self._kept(key) or self._render(synthesizer, spoken, lang, tight=tight)
                except SynthesisFailed as fault:
                    faults.append(str(fault))
                    continue
                self._keep(key, audio)
                self._ready[key] = audio
                return audio
        raise SynthesisFailed("; ".join(faults) or "no voice is installed")

    @staticmethod
    def _render(synthesizer: Synthesizer, spoken: str, lang: str, *, tight: bool) -> bytes:
        samples: Samples = synthesizer.render(spoken, lang)
        if tight:
            samples = tighten(samples, PIECE_LEAD_S, PIECE_TAIL_S)
        return mulaw.encode(samples)

    def _kept(self, key: str) -> bytes:
        path = self._cache_dir / f"{key}.ulaw"
        return path.read_bytes() if path.exists() else b""

    def _keep(self, key: str, audio: bytes) -> None:
        """A full disk must not silence a call: what cannot be kept is rendered again."""
        path = self._cache_dir / f"{key}.ulaw"
        if path.exists():
            return
        try:
            self._cache_dir.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(audio)
            unfinished.replace(path)
        except OSError:
            return


def _read_language(prompts_dir: Path, words: SpokenWords, revised: Mapping[str, str]) -> _Language:
    lines = {**read_lines(prompts_dir, words.lang), **revised}
    files = read_manifest(prompts_dir, words.lang).files
    return _Language(lines, files, frozenset(all_pieces(words)))
