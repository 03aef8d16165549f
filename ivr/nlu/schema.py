"""The YAML of `playbooks/sentences` as pydantic models: strict, unknown keys refused."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CueEntry(_Strict):
    """One thing callers say, in many wordings."""

    id: str
    say: list[str] = Field(min_length=1)
    weight: float = Field(3.0, ge=0, le=6)
    """Evidence for the file's category: 3 decides alone, 2 needs little help, 1 supports."""
    kind: Literal["asserts", "resolves", "explains"] = "asserts"
    """`resolves`: said to be over. `explains`: an innocent reading, takes weight from `of`."""
    of: list[str] = []
    """Categories whose cues an `explains` entry weakens (all others when empty)."""
    unless: list[str] = []
    """An `explains` entry is silent where one of these cues is heard by its very characters."""
    facts: dict[str, str] = {}
    settles: bool = False
    """Its facts win over red ones: it tells how things are now ("pulled out already")."""
    subtype: str | None = None
    hazard: str | None = None
    """Name in precedence.yaml; the category's own name when empty."""
    negatable: bool = True
    sound: bool = True
    """Also look for it in sound space."""


class SeverityRule(_Strict):
    when: dict[str, str | list[str]] = {}
    """Fact -> value(s); "absent" = not set; `subtype` may stand among the facts."""
    any: list[dict[str, str | list[str]]] = []
    """At least one of these sets of facts, besides `when`."""
    take: Literal["critical", "high", "medium", "low"]


class CategoryFile(_Strict):
    """`<lang>/<category>.yaml`"""

    cues: list[CueEntry]
    severity: list[SeverityRule] = []
    subtypes: list[str] = []
    default_subtype: str | None = None


class Negation(_Strict):
    before: list[str]
    """Regular expressions of what stands directly before a negated cue, in its clause."""
    after: list[str]
    unless: list[str] = []
    """What looks like a negator but asks ("is there or not")."""


class AnswerWords(_Strict):
    yes: list[str]
    no: list[str]
    unsure: list[str]
    correct: list[str]
    """The caller takes something back ("no, that's wrong, it is …")."""
    fillers: list[str]
    """Words around an answer that say nothing."""


class AnswerReading(_Strict):
    """How words answer one question's slot."""

    fact: str
    value: str
    say: list[str]


class CommonFile(_Strict):
    """`<lang>/_common.yaml`"""

    words: bool
    """The language puts spaces between words."""
    rules: dict[str, str] = {}
    masks: list[str] = []
    """Innocent phrases that hold a cue's letters; no cue fires inside them."""
    collisions: list[str] = []
    """Everyday words that sound like a cue: heard literally, they stop the sound match."""
    readings: dict[str, str] = {}
    negation: Negation
    commands: dict[str, list[str]]
    cues: list[CueEntry] = []
    """Facts that belong to no category."""
    answers: AnswerWords
    yes_means: dict[str, dict[str, str]] = {}
    """slot -> {yes: value, no: value, unsure: value} for a plain yes or no to its question."""
    replies: list[AnswerReading] = []
    """Readings that hold only as an answer to the question about that slot."""


class EverydayFile(_Strict):
    """`<lang>/_everyday.yaml`: words that only sound like a cue."""

    words: list[str]


class PlacesFile(_Strict):
    """`<lang>/_places.yaml`"""

    digits: dict[str, int]
    scales: dict[str, int] = {}
    fixed: dict[str, int] = {}
    minus: list[str] = []
    patterns: list[str]
    """Regular expressions; {n} is a number, {l} a letter or letter with digits; groups name slots."""
    bare: list[str] = []
    """Patterns that hold only as the answer to where ("3-2-12")."""
    shapes: list[str] = []
    """Whole addresses by sound: `#` sounds like a digit, `~` nearly, `0` is a number, other signs are
    place words by sound (`shape_sounds`)."""
    shape_sounds: dict[str, str] = {}
    """Folded syllable -> the sign of a place word it stands for inside a shape."""
    landmarks: list[str]
    people: list[str]
    people_words: dict[str, int] = {}
    people_not: list[str] = []
    people_lists: list[str] = []
    names: list[str] = []
    phones: list[str] = []
    reporter: list[str] = []
    """What stands before a place that is only where the reporter lives or stands."""
    not_places: list[str] = []
    not_numbers: list[str] = []
    """Signs that sound like a number before a place word and are none ("this building")."""
    not_anchors: list[str] = []
    """Everyday words that sound like a place word and are none."""
    anchors: dict[str, str] = {}
    """Sound repair: what a place word sounds like -> the word."""


class PrecedenceRule(_Strict):
    when: list[str]
    """Cue ids (or `category.*`) that must all be asserted; `a|b` = either."""
    unless: list[str] = []
    take: str


class PrecedenceFile(_Strict):
    """`playbooks/precedence.yaml`: which hazard decides when two things happen."""

    order: list[str]
    """Hazards, deadliest first; the ones named like a category stand for all its other cues."""
    rules: list[PrecedenceRule] = []
    critical: list[str]
    """Categories in which a doubt is acted on, or asked about, before anything else."""
    quiet: list[str]
    """Categories that alert nobody at once; never taken while a critical one is in doubt."""
    fallback: str
    """Where a cry without content goes."""
    calm: dict[str, list[str]] = {}
    """Fact -> reassuring values: set by the very characters only, never by a likeness of sound."""
    own: dict[str, list[str]] = {}
    """Fact -> the categories it is a fact of; in a call about anything else it is not set."""
    nothing: str
    """Where silence and small talk go."""
