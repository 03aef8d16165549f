"""How well a voice is understood through the telephone, as a number per line.

A recogniser listens to the telephone-band audio; Mandarin is compared in folded toneless
syllables (the recogniser hears the sounds and picks wrong characters, speech note
section 1), English in words. The recogniser is handed in, so this file knows none.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein

from ivr.audio import mulaw, wav
from ivr.nlu.sounds import fold
from ivr.speech.spoken import SpokenWords, cardinal, digit_run, language_of, say, speakable
from ivr.speech.synthesizer import Samples
from ivr.speech.voice_pack import LANGUAGES, PIECES, pack_dir, read_all_words, read_manifest

Transcribe = Callable[[Samples, str], str]
"""(mono 16-bit samples at 8000 Hz, language) -> what was heard"""

BAD_ERROR = 0.25
"""Above this share of wrong syllables a line must be rendered otherwise, or reworded."""

_HANZI = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z]+|\d+")
_WORD = re.compile(r"[a-z]+")
_LONGEST_RUN_READ_AS_QUANTITY = 4


@dataclass(frozen=True, slots=True)
class LineScore:
    """One line as said and as heard."""

    line: str
    lang: str
    said: str
    heard: str
    errors: int
    """wrong, missing and added syllables (words in English)"""
    units: int
    """syllables (words) of the line"""

    @property
    def error(self) -> float:
        """Share of wrong units, 0.0 when all were understood; may exceed 1.0."""
        return self.errors / self.units if self.units else 0.0


def syllables(text: str) -> tuple[str, ...]:
    """Folded toneless syllables of a Mandarin text; Latin letters one by one."""
    found: list[str] = []
    for run in _HANZI.findall(text):
        found.extend(run.lower() if run.isascii() else map(fold, lazy_pinyin(run)))
    return tuple(found)


def _english_words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower().replace("'", "").replace("\u2019", "")))


def _readings(heard: str, words: SpokenWords) -> Iterable[str]:
    """The ways a transcript's digits may have been said: 119 as digits or as a quantity."""
    runs = re.findall(r"\d+", heard)
    options = []
    for run in runs[:6]:
        readings = {digit_run(run, words), "".join(words.joint + words.digits[int(d)] for d in run)}
        if len(run) <= _LONGEST_RUN_READ_AS_QUANTITY:
            readings.add(cardinal(int(run), words))
        options.append(sorted(readings))
    for choice in itertools.islice(itertools.product(*options), 200):
        between = re.split(r"\d+", heard)
        yield " ".join(itertools.chain(*itertools.zip_longest(between, choice, fillvalue="")))


def score(line: str, text: str, heard: str, words: SpokenWords) -> LineScore:
    """Compare what was heard with what was said. `words` are the language's numbers."""
    units = _english_words if words.lang == "en" else syllables
    said = units(_as_one(say(text, words), words))
    errors = min(
        Levenshtein.distance(said, units(_as_one(reading, words)))
        for reading in _readings(heard, words)
    )
    return LineScore(line, words.lang, text, heard, errors, len(said))


def _as_one(text: str, words: SpokenWords) -> str:
    """The second names of one and two are the same digits."""
    if words.lang == "en":
        return text
    text = text.replace(words.run_digits[1], words.digits[1])
    return text.replace(words.pair, words.digits[2])


def through_the_telephone(samples: Samples) -> Samples:
    """What arrives at the other end: mu-law and back (the band is cut at rendering)."""
    return mulaw.decode(mulaw.encode(samples))


def measure(
    lines: Iterable[tuple[str, str, str, Samples]],
    transcribe: Transcribe,
    words: dict[str, SpokenWords],
) -> list[LineScore]:
    """Score each (line id, lang, text, samples at 8000 Hz), in order."""
    scores = []
    for line, lang, text, samples in lines:
        tongue = language_of(text, lang)
        heard = transcribe(through_the_telephone(samples), tongue)
        scores.append(score(line, text, heard, words[tongue]))
    return scores


def measure_pack(
    prompts_dir: Path, transcribe: Transcribe, languages: Sequence[str] = LANGUAGES
) -> list[LineScore]:
    """Score every line of the shipped voice pack from its files (`ivr eval --voice`).

    Raises `BrokenPack` or `wav.BadAudio` where the pack is broken: run `voice_pack.check`.
    """
    words = read_all_words(prompts_dir)
    lines = (
        (line, lang, recording.spoken, wav.load(pack_dir(prompts_dir, lang) / f"{line}.wav"))
        for lang in languages
        for file, recording in read_manifest(prompts_dir, lang).files.items()
        if not file.startswith(PIECES) and speakable(recording.spoken)
        for line in [file.removesuffix(".wav")]
    )
    return measure(lines, transcribe, words)


def overall(scores: Sequence[LineScore]) -> float:
    """Wrong units over all lines together."""
    return sum(s.errors for s in scores) / max(1, sum(s.units for s in scores))


def table(scores: Sequence[LineScore]) -> str:
    """One row per line, worst first, and the sum."""
    rows = [
        f"{s.error:6.1%}  {s.lang}  {s.line:<10} {s.said}  |  {s.heard}"
        for s in sorted(scores, key=lambda s: -s.error)
    ]
    bad = sum(s.error > BAD_ERROR for s in scores)
    total = f"{overall(scores):6.1%}  {len(scores)} lines, {bad} above {BAD_ERROR:.0%}"
    return "\n".join([*rows, total])
