"""Understand a caller: all words of a call so far -> what it is, how bad, where, and why we think so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.incident.model import Lang, Reason
from ivr.nlu.confidence import judge
from ivr.nlu.cues import Hit, find
from ivr.nlu.estate import Estate
from ivr.nlu.language import language_of
from ivr.nlu.learned import named_features
from ivr.nlu.lexicon import LanguagePack, Lexicon
from ivr.nlu.persons import name_and_phone, people
from ivr.nlu.places import addresses, place_slots
from ivr.nlu.repair import repaired
from ivr.nlu.text import BREAK, Clean, clean
from ivr.nlu.understanding import Command, Heard, Understanding
from ivr.nlu.weighing import facts_of, severity_of, subtype_of, weigh

ALTERNATIVE_WEIGHT = 0.6
"""Trust in a cue that only another hypothesis of the recogniser holds."""
NO_EMERGENCY = {"people"}


@dataclass(frozen=True, slots=True)
class _Turn:
    said: Clean
    lang: Lang
    hits: tuple[Hit, ...]


def understand(
    turns: Sequence[Heard],
    lexicon: Lexicon,
    *,
    lang: Lang | None = None,
    estate: Estate | None = None,
    current: str | None = None,
) -> Understanding:
    """Understand the caller's utterances so far.

    Arguments: `turns` in order; `lang` the call's language when it is already known; `estate` repairs
    places to what exists there; `current` the category the dialog already acts on: it stays unless a
    deadlier hazard is reported.
    Returns: always a best guess, with reasons; never raises for any text.
    """
    read = [_read(turn, lexicon, lang) for turn in turns]
    spoken = lang or _call_language(read)
    hits = [hit for turn in read for hit in turn.hits]
    weighed = weigh(hits)
    learned = {} if not hits and _only_places(read, lexicon) else _learned(read, lexicon)
    judged = judge(
        weighed, learned, lexicon, current=current, words=sum(len(t.said.text) for t in read)
    )
    facts = facts_of(weighed.asserted, lexicon, category=judged.category, certain=weighed.certain)
    if judged.category in weighed.over:
        facts["resolved"] = "yes"
    category = lexicon.categories[judged.category]
    supporting = [h for h in weighed.asserted if h.strength >= 0.5]
    subtype = subtype_of(category, supporting)
    slots, place_reasons = _slots(read, judged.category, lexicon, estate)
    return Understanding(
        category=judged.category,
        subtype=subtype,
        severity=severity_of(category, facts, subtype),
        slots=slots,
        facts=facts,
        confidence=judged.confidence,
        next=judged.next,
        candidates=judged.candidates,
        also=judged.also,
        lang=spoken,
        command=_command(read, lexicon),
        reasons=(*_why(judged.category, hits), *judged.reasons, *place_reasons),
    )


def _read(turn: Heard, lexicon: Lexicon, known: Lang | None) -> _Turn:
    said = clean(turn.text)
    lang = language_of(said, known)
    hits: list[Hit] = []
    for pack in _packs(said, lexicon):
        hits += find(said.text, pack)
        seen = {hit.cue.id for hit in hits}
        for other in turn.alternatives[:4]:
            for hit in find(clean(other).text, pack):
                if hit.cue.id not in seen and not hit.denied:
                    seen.add(hit.cue.id)
                    hits.append(
                        Hit(
                            hit.cue,
                            0,
                            0,
                            hit.span,
                            "sound" if hit.how == "exact" else hit.how,
                            hit.strength * ALTERNATIVE_WEIGHT,
                            denied=False,
                        )
                    )
    return _Turn(said, lang, tuple(hits))


def _packs(said: Clean, lexicon: Lexicon) -> list[LanguagePack]:
    """Both languages where the caller mixes them."""
    chosen: list[LanguagePack] = []
    if "zh" in lexicon.packs and (said.has_han or not said.latin_words):
        chosen.append(lexicon.packs["zh"])
    if "en" in lexicon.packs and said.latin_words:
        chosen.append(lexicon.packs["en"])
    return chosen


def _call_language(read: Sequence[_Turn]) -> Lang:
    for turn in read:
        if turn.said.has_han or turn.said.latin_words:
            return turn.lang
    return "zh"


def _only_places(read: Sequence[_Turn], lexicon: Lexicon) -> bool:
    """Nothing was said but where it is: an address tells nothing about what happened."""
    told = [turn for turn in read if turn.said.text]
    return all(
        addresses(t.said.text, lexicon.packs[t.lang]) for t in told if t.lang in lexicon.packs
    )


def _learned(read: Sequence[_Turn], lexicon: Lexicon) -> Mapping[str, float]:
    """The learned back-off's opinion of everything said."""
    if not read:
        return {}
    lang = _call_language(read)
    pack = lexicon.packs.get(lang)
    if pack is None or pack.learned is None:
        return {}
    text = BREAK.join(turn.said.text for turn in read if turn.said.text)
    if not text:
        return {}
    return pack.learned.probabilities(
        named_features(text, pack.sounds.line(text), words=pack.common.words)
    )


def _slots(
    read: Sequence[_Turn], category: str, lexicon: Lexicon, estate: Estate | None
) -> tuple[dict[str, str], list[Reason]]:
    slots: dict[str, str] = {}
    reasons: list[Reason] = []
    for lang, pack in lexicon.packs.items():
        turns = [t for t in read if t.lang == lang and t.said.text]
        if not turns:
            continue
        texts = [repaired(t.said.text, pack) for t in turns]
        spans = [
            [
                (h.start, h.end)
                for h in t.hits
                if h.cue.category == category and not h.denied and h.end > h.start
            ]
            for t in turns
        ]
        slots.update(place_slots(texts, spans, pack))
        if estate is not None:
            slots, fixes = estate.repair(slots)
            reasons += [
                Reason(what=f"place.{k}={v}", cue="estate", span=was) for k, was, v in fixes
            ]
        for text in texts:
            count = people(text, pack)
            if count is not None:
                slots["people"] = count
            slots.update(name_and_phone(text, pack))
    return slots, [
        *reasons,
        *(Reason(f"slot.{k}={v}", "place grammar", v) for k, v in slots.items()),
    ]


def _command(read: Sequence[_Turn], lexicon: Lexicon) -> Command | None:
    """What the last turn asks the hotline to do."""
    if not read:
        return None
    for pack in _packs(read[-1].said, lexicon):
        for name, pattern in pack.commands.items():
            if pattern.search(read[-1].said.text):
                return name  # type: ignore[return-value]
    return None


def _why(category: str, hits: Sequence[Hit]) -> list[Reason]:
    made: list[Reason] = []
    for hit in hits:
        entry = hit.cue.entry
        if hit.denied:
            what = f"denied {hit.cue.category or 'fact'}"
        elif hit.cue.category:
            what = (
                f"category={hit.cue.category}"
                if entry.kind == "asserts"
                else f"{entry.kind} {hit.cue.category}"
            )
        else:
            what = "fact"
        made.append(Reason(what, f"{hit.cue.id} ({hit.how})", hit.span))
        if not hit.denied and hit.strength >= 0.5:
            made += [Reason(f"fact {f}={v}", hit.cue.id, hit.span) for f, v in entry.facts.items()]
    return sorted(made, key=lambda reason: reason.what != f"category={category}")
