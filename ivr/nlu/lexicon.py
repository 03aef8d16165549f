"""Compile `playbooks/sentences/**` and `playbooks/precedence.yaml` into what understanding reads.

All files come in as text; whoever reads the disk stands in the shell.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ivr.incident.model import Lang
from ivr.nlu.learned import Learned, read_learned
from ivr.nlu.numbers import NumberWords
from ivr.nlu.schema import (
    CategoryFile,
    CommonFile,
    CueEntry,
    EverydayFile,
    PlacesFile,
    PrecedenceFile,
    SeverityRule,
)
from ivr.nlu.sounds import Sounds
from ivr.nlu.template import TemplateError, alternatives, to_regex
from ivr.nlu.text import clean

_Loader: Any = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # ten times faster where libyaml is there
LANGS: tuple[Lang, ...] = ("zh", "en")


M = TypeVar("M", bound=BaseModel)


class LexiconError(ValueError):
    """Sentence data is wrong: names the file, the line, the path in it and what would be right."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue entry, ready to match."""

    id: str
    """`<category>.<id>`, or `_common.<id>`."""
    category: str | None
    entry: CueEntry
    exact: re.Pattern[str]
    sounding: re.Pattern[str] | None
    """Templates without gaps, in syllable symbols."""
    sounding_loose: re.Pattern[str] | None
    """Templates with gaps, in syllable symbols: a hint only."""


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    severity: tuple[SeverityRule, ...]
    subtypes: tuple[str, ...]
    default_subtype: str | None


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """All that is known about one language."""

    lang: Lang
    common: CommonFile
    places: PlacesFile
    numbers: NumberWords
    sounds: Sounds
    cues: tuple[Cue, ...]
    masks: re.Pattern[str]
    collisions: re.Pattern[str]
    commands: Mapping[str, re.Pattern[str]]
    near: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]
    """Syllables with one left open -> (cue id, the syllable that belongs there)."""
    replies: tuple[tuple[str, str, re.Pattern[str]], ...]
    answers: Mapping[str, re.Pattern[str]]
    learned: Learned | None


@dataclass(frozen=True, slots=True)
class Lexicon:
    packs: Mapping[Lang, LanguagePack]
    categories: Mapping[str, Category]
    precedence: PrecedenceFile
    allowed: Mapping[str, Any]
    """Facts and their values (playbooks/facts.yaml); empty when it was not given."""


def compile_lexicon(files: Mapping[str, str]) -> Lexicon:
    """Compile sentence files.

    Arguments: `files` maps "zh/fire" (and "zh/_common", "zh/_places", optional "zh/_learned" JSON,
    "precedence", optional "facts") to the file's text.
    Raises: LexiconError, naming file, line, path and what would be right.
    """
    facts = _facts(files)
    precedence = _read("precedence", files, PrecedenceFile)
    packs: dict[Lang, LanguagePack] = {}
    categories: dict[str, Category] = {}
    for lang in LANGS:
        if f"{lang}/_common" in files:
            packs[lang] = _pack(lang, files, facts, categories)
    if not packs:
        raise LexiconError("no language: give at least zh/_common")
    return Lexicon(packs, categories, precedence, facts)


def _facts(files: Mapping[str, str]) -> Mapping[str, Any]:
    loaded = yaml.load(files["facts"], Loader=_Loader) if "facts" in files else {}  # noqa: S506 - a SafeLoader
    return loaded if isinstance(loaded, dict) else {}


def _read(name: str, files: Mapping[str, str], model: type[M]) -> M:
    if name not in files:
        raise LexiconError(f"{name}.yaml is missing")
    try:
        return model.model_validate(yaml.load(files[name], Loader=_Loader))  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as wrong:
        raise LexiconError(f"{name}.yaml: not YAML: {wrong}") from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        line = _line(files[name], first["loc"])
        path = ".".join(str(part) for part in first["loc"])
        raise LexiconError(f"{name}.yaml:{line}: {path}: {first['msg']}") from wrong


def _line(text: str, path: tuple[int | str, ...]) -> int:
    """Line (from 1) of a path in a YAML text; the deepest node that exists."""
    node = yaml.compose(text)
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif (
            isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value)
        ):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _pack(
    lang: Lang, files: Mapping[str, str], facts: Mapping[str, Any], categories: dict[str, Category]
) -> LanguagePack:
    common = _read(f"{lang}/_common", files, CommonFile)
    places = _read(f"{lang}/_places", files, PlacesFile)
    sounds = Sounds(common.readings)
    compiler = _Compiler(f"{lang}", common, sounds, facts, files)
    cues: list[Cue] = [compiler.cue("_common", None, i, c) for i, c in enumerate(common.cues)]
    for name in sorted(files):
        stem = name.removeprefix(f"{lang}/")
        if stem == name or stem.startswith("_"):
            continue
        read = _read(name, files, CategoryFile)
        cues += [compiler.cue(stem, stem, i, c) for i, c in enumerate(read.cues)]
        if stem not in categories or read.severity:
            categories[stem] = Category(
                stem, tuple(read.severity), tuple(read.subtypes), read.default_subtype
            )
    learned = files.get(f"{lang}/_learned")
    return LanguagePack(
        lang,
        common,
        places,
        NumberWords(places.digits, places.scales, places.fixed, tuple(places.minus)),
        sounds,
        tuple(cues),
        compiler.words(common.masks),
        compiler.words([*common.collisions, *_everyday(lang, files)]),
        {name: compiler.words(says) for name, says in common.commands.items()},
        compiler.near(cues),
        tuple((r.fact, r.value, compiler.words(r.say)) for r in common.replies),
        {
            name: compiler.words(getattr(common.answers, name))
            for name in ("yes", "no", "unsure", "correct", "fillers")
        },
        read_learned(learned) if learned else None,
    )


def _everyday(lang: str, files: Mapping[str, str]) -> list[str]:
    name = f"{lang}/_everyday"
    return list(_read(name, files, EverydayFile).words) if name in files else []


class _Compiler:
    def __init__(
        self,
        lang: str,
        common: CommonFile,
        sounds: Sounds,
        facts: Mapping[str, Any],
        files: Mapping[str, str],
    ) -> None:
        self._lang, self._common, self._sounds = lang, common, sounds
        self._facts, self._files = facts, files

    def words(self, says: list[str]) -> re.Pattern[str]:
        """One pattern for many templates (never matches when there are none)."""
        return re.compile("|".join(self._bounded(self._regex(say)) for say in says) or r"(?!)")

    def cue(self, stem: str, category: str | None, index: int, entry: CueEntry) -> Cue:
        name = f"{self._lang}/{stem}"
        for fact, value in entry.facts.items():
            self._check_fact(name, index, fact, value)
        try:
            exact = self.words(entry.say)
            close, loose = self._sounding(entry)
        except (TemplateError, re.error) as wrong:
            line = _line(self._files[name], ("cues", index, "say"))
            raise LexiconError(f"{name}.yaml:{line}: cues.{index} ({entry.id}): {wrong}") from wrong
        return Cue(f"{stem}.{entry.id}", category, entry, exact, close, loose)

    def _sounding(self, entry: CueEntry) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        if not entry.sound or self._common.words:
            return None, None
        says = [say for say in entry.say if not say.startswith("re:")]
        loose = [say for say in says if "*" in say]
        close = [say for say in says if "*" not in say]
        made = [
            re.compile("|".join(self._regex(say, self._sounds.of) for say in some))
            if some
            else None
            for some in (close, loose)
        ]
        return made[0], made[1]

    def near(self, cues: list[Cue]) -> dict[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Index for cues of three syllables and more with one syllable misheard."""
        found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        if self._common.words:
            return {}
        for cue in cues:
            if not cue.entry.sound or cue.entry.kind != "asserts":
                continue
            lines = {
                self._sounds.line(a)
                for say in cue.entry.say
                for a in alternatives(say, self._common.rules)
            }
            for line in lines:
                if 3 <= len(line) <= 6:
                    for hole in range(len(line)):
                        key = (*line[:hole], "", *line[hole + 1 :])
                        found.setdefault(key, []).append((cue.id, line[hole]))
        return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}

    def _regex(self, say: str, sound: Callable[[str], str] | None = None) -> str:
        if say.startswith("re:"):
            return say[3:]
        plain = (
            clean(say).text if self._common.words and not re.search(r"[()\[\]|*~<]", say) else say
        )
        return to_regex(
            plain.replace("'", ""),
            self._common.rules,
            sound or (lambda char: char),
            words=self._common.words,
        )

    def _bounded(self, regex: str) -> str:
        return rf"\b(?:{regex})\b" if self._common.words else regex

    def _check_fact(self, name: str, index: int, fact: str, value: str) -> None:
        if not self._facts:
            return
        allowed = self._facts.get(fact, {}).get("values")
        if fact in self._facts and (
            not isinstance(allowed, list) or value in allowed or "text" in allowed
        ):
            return
        line = _line(self._files[name], ("cues", index, "facts", fact))
        if fact not in self._facts:
            raise LexiconError(f"{name}.yaml:{line}: fact {fact!r} is not in facts.yaml")
        raise LexiconError(f"{name}.yaml:{line}: {fact} is one of {allowed}, not {value!r}")
