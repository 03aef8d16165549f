"""The voice pack: what we say, rendered ahead and kept with the texts.

`prompts/<lang>/voice/` holds `<LINE-ID>.wav`, the `pieces/` places are joined from, and
`manifest.json`, which says for each file which words it speaks. A file
is only ever played for exactly those words (design 2: two truths are forbidden).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ivr.audio import mulaw, wav
from ivr.audio.frames import RATE
from ivr.speech.spoken import SpokenWords, all_pieces, language_of, say, speakable
from ivr.speech.spoken_words import BrokenSpokenWords, read_spoken_words

LANGUAGES = ("zh", "en")
PIECES = "pieces/"
_LINES = TypeAdapter(dict[str, str])


class Recording(BaseModel):
    """One file of the pack, as the manifest describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    """the line's text, or the piece's word"""
    spoken: str
    """what the voice was given: numbers as words, breaths set"""
    voice: str
    renderer: str
    speed: float
    seconds: float
    sha256: str
    """of the whole file"""
    error: float | None
    """share of syllables a recogniser misheard through the telephone; None = not measured"""


class Manifest(BaseModel):
    """Every file of one language; keys are paths below `prompts/<lang>/voice/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: dict[str, Recording]


class BrokenPack(Exception):
    """A prompt file or manifest cannot be read; the message names it and the fault."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file the pack must have."""

    file: str
    text: str
    spoken: str
    lang: str
    """language of the voice, which for one line is not that of the set"""
    pace: str
    """normal or piece"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A difference between the texts and the pack, as one plain sentence."""

    file: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def read_lines(prompts_dir: Path, lang: str) -> dict[str, str]:
    """All texts of `prompts/<lang>/*.yaml`, line id -> text. Raises `BrokenPack`."""
    lines: dict[str, str] = {}
    for path in sorted((prompts_dir / lang).glob("*.yaml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            lines.update(_LINES.validate_python(content or {}))
        except (OSError, yaml.YAMLError, ValidationError) as fault:
            raise BrokenPack(f"{path}: {fault}") from fault
    return lines


def spoken_form(line: str, text: str, words: Mapping[str, SpokenWords], lang: str) -> str:
    """What the voice is given for a line: its other spelling if it has one, numbers as words."""
    own = words[lang]
    return say(own.lines.get(line, text), words[voice_language(line, text, own)])


def voice_language(line: str, text: str, words: SpokenWords) -> str:
    """The language a line is spoken in: the set's, unless it is marked or plainly English."""
    return words.foreign.get(line) or language_of(text, words.lang)


def wanted(prompts_dir: Path, lang: str) -> list[Wanted]:
    """Every file the pack of `lang` must have, in a stable order."""
    words = read_all_words(prompts_dir)
    files = []
    for line, text in read_lines(prompts_dir, lang).items():
        spoken = spoken_form(line, text, words, lang)
        tongue = voice_language(line, text, words[lang])
        files.append(Wanted(f"{line}.wav", text, spoken, tongue, "normal"))
    files += [
        Wanted(piece_file(word), word, word, lang, "piece") for word in all_pieces(words[lang])
    ]
    return files


def read_all_words(prompts_dir: Path) -> dict[str, SpokenWords]:
    """`spoken.yaml` of every language. Raises `BrokenPack`."""
    try:
        return {lang: read_spoken_words(prompts_dir, lang) for lang in LANGUAGES}
    except BrokenSpokenWords as fault:
        raise BrokenPack(str(fault)) from fault


def piece_file(word: str) -> str:
    """A piece's file: named by a hash of its word, so that any word makes a plain name."""
    return f"{PIECES}{hashlib.sha256(word.encode()).hexdigest()[:12]}.wav"


def pack_dir(prompts_dir: Path, lang: str) -> Path:
    """Where the pack of a language lies."""
    return prompts_dir / lang / "voice"


def read_manifest(prompts_dir: Path, lang: str) -> Manifest:
    """The manifest of `lang`, empty where there is none. Raises `BrokenPack`."""
    path = pack_dir(prompts_dir, lang) / "manifest.json"
    if not path.exists():
        return Manifest(files={})
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as fault:
        raise BrokenPack(f"{path}: {fault}") from fault


def write_manifest(prompts_dir: Path, lang: str, manifest: Manifest) -> None:
    """Replace the manifest in one step, sorted, one file a line (for readable diffs)."""
    path = pack_dir(prompts_dir, lang) / "manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        f"{json.dumps(name)}: {json.dumps(recording.model_dump(), ensure_ascii=False)}"
        for name, recording in sorted(manifest.files.items())
    ]
    unfinished = path.with_suffix(".part")
    unfinished.write_text('{"files": {\n' + ",\n".join(rows) + "\n}}\n", encoding="utf-8")
    unfinished.replace(path)


def check(prompts_dir: Path) -> list[Problem]:
    """Compare texts, manifest and files; an empty list means every line is in the pack.

    Raises `BrokenPack` when a prompt file itself cannot be read.
    """
    return [problem for lang in LANGUAGES for problem in _check_language(prompts_dir, lang)]


def _check_language(prompts_dir: Path, lang: str) -> Iterator[Problem]:
    manifest = read_manifest(prompts_dir, lang)
    files = {want.file: want for want in wanted(prompts_dir, lang)}
    for name, want in files.items():
        sentence = fault_of(prompts_dir, lang, want, manifest.files.get(name))
        if sentence:
            yield Problem(f"{lang}/voice/{name}", f"{lang}/voice/{name}: {sentence}")
    for name in sorted(manifest.files.keys() - files.keys()):
        file = f"{lang}/voice/{name}"
        yield Problem(file, f"{file}: no line or place has these words any more")
    folder = pack_dir(prompts_dir, lang)
    for path in sorted(folder.rglob("*.wav")):
        name = path.relative_to(folder).as_posix()
        if name not in manifest.files and name not in files:
            yield Problem(f"{lang}/voice/{name}", f"{lang}/voice/{name}: not in the manifest")


def fault_of(prompts_dir: Path, lang: str, want: Wanted, has: Recording | None) -> str:
    """Why a wanted file cannot be played, or an empty string."""
    if has is None:
        return "this line has not been rendered"
    if has.text != want.text:
        return "the text has changed since it was rendered"
    if has.spoken != want.spoken:
        return "the way it is said has changed since it was rendered"
    try:
        content = (pack_dir(prompts_dir, lang) / want.file).read_bytes()
    except OSError:
        return "the file is missing"
    if hashlib.sha256(content).hexdigest() != has.sha256:
        return "the file is not the one that was rendered (SHA-256)"
    return _fault_of_audio(content, has)


def read_audio(path: Path) -> bytes:
    """Raw mu-law of a file of the pack. Raises `wav.BadAudio`."""
    return mulaw.encode(wav.load(path))


def _fault_of_audio(content: bytes, has: Recording) -> str:
    try:
        audio = wav.read(content, "it")
    except wav.BadAudio as fault:
        return str(fault)
    if abs(len(audio) / RATE - has.seconds) > 0.01:
        return "its length is not the one in the manifest"
    if len(audio) == 0 and speakable(has.spoken):
        return "it is silent"
    return ""
