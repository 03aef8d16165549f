"""From cues to a category: evidence, precedence of hazards, subtype, severity.

Which hazard outranks which, and every severity, is data (plan/labels.md in playbooks/precedence.yaml
and playbooks/sentences/**); here is only the arithmetic.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from ivr.incident.model import Severity
from ivr.nlu.cues import Hit
from ivr.nlu.lexicon import Category, Lexicon
from ivr.nlu.schema import PrecedenceRule

ESTABLISHED = 2.4
"""Evidence from which a category counts as really reported (one strong cue, or two good ones)."""
HINTED = 0.9
"""Evidence from which a category is worth asking about."""
SURE = 0.7
"""Strength from which a cue sets a fact."""
RIVAL = 0.55
"""Share of the best evidence that an outranking category needs."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Evidence of one call's words."""

    scores: Mapping[str, float]
    certain: Mapping[str, float]
    """The same, from characters alone."""
    deny: Mapping[str, float]
    over: frozenset[str]
    """Categories said to be over."""
    asserted: tuple[Hit, ...]


def weigh(hits: Iterable[Hit]) -> Weighed:  # noqa: C901 - one rule a line
    """Add up the evidence of hits, the strongest of each cue once."""
    best: dict[str, Hit] = {}
    refused: dict[str, Hit] = {}
    for hit in hits:
        pool = refused if hit.denied else best
        if hit.cue.id not in pool or pool[hit.cue.id].strength < hit.strength:
            pool[hit.cue.id] = hit
    scores: dict[str, float] = {}
    certain: dict[str, float] = {}
    over: set[str] = set()
    for hit in best.values():
        category, entry = hit.cue.category, hit.cue.entry
        if category is None or entry.kind == "explains":
            continue
        if entry.kind == "resolves" and hit.strength >= 0.7:
            over.add(category)
        scores[category] = scores.get(category, 0.0) + entry.weight * hit.strength
        if hit.how == "exact":
            certain[category] = certain.get(category, 0.0) + entry.weight
    for hit in best.values():
        if hit.cue.entry.kind == "explains" and not _silenced(hit, best):
            _explain(hit, scores, certain)
    deny: dict[str, float] = {}
    for hit in refused.values():
        if hit.cue.category and hit.cue.id not in best:
            deny[hit.cue.category] = (
                deny.get(hit.cue.category, 0.0) + hit.cue.entry.weight * hit.strength
            )
    return Weighed(scores, certain, deny, frozenset(over), tuple(best.values()))


def _silenced(hit: Hit, best: Mapping[str, Hit]) -> bool:
    others = (best.get(name) for name in hit.cue.entry.unless)
    return any(other is not None and other.how == "exact" for other in others)


def _explain(hit: Hit, scores: dict[str, float], certain: dict[str, float]) -> None:
    own = hit.cue.category
    if own is not None:
        scores[own] = scores.get(own, 0.0) + hit.cue.entry.weight
    for name in hit.cue.entry.of or [c for c in scores if c != own]:
        for table in (scores, certain):
            if name in table:
                table[name] = max(0.0, table[name] - hit.cue.entry.weight)


def decide(weighed: Weighed, scores: Mapping[str, float], lexicon: Lexicon) -> tuple[str, ...]:
    """Categories, the one to act on first; `scores` may hold more than the cues (learned back-off)."""
    if not scores:
        return ()
    ordered = sorted(scores, key=lambda name: -scores[name])
    top = scores[ordered[0]]
    established = [
        n for n in ordered if scores[n] >= ESTABLISHED and scores[n] >= RIVAL * top
    ] or ordered[:1]
    first = _by_rule(weighed, established, lexicon) or _by_hazard(weighed, established, lexicon)
    rest = sorted(established, key=lambda name: (name != first, -scores[name]))
    return tuple(dict.fromkeys([first, *rest, *ordered]))


def _by_rule(weighed: Weighed, established: list[str], lexicon: Lexicon) -> str | None:
    ids = {hit.cue.id for hit in weighed.asserted if hit.strength >= 0.5}
    for rule in lexicon.precedence.rules:
        if _holds(rule, ids, established):
            return rule.take
    return None


def _holds(rule: PrecedenceRule, ids: set[str], established: list[str]) -> bool:
    def one(name: str) -> bool:
        if name.endswith(".*"):
            return name[:-2] in established
        return name in ids

    if any(any(one(part) for part in item.split("|")) for item in rule.unless):
        return False
    return all(any(one(part) for part in item.split("|")) for item in rule.when)


def _by_hazard(weighed: Weighed, established: list[str], lexicon: Lexicon) -> str:
    order = {name: rank for rank, name in enumerate(lexicon.precedence.order)}
    ranks: dict[str, int] = {name: order.get(name, len(order)) for name in established}
    for hit in weighed.asserted:
        category, hazard = hit.cue.category, hit.cue.entry.hazard
        if category in ranks and hazard in order and hit.strength >= 0.5:
            ranks[category] = min(ranks[category], order[hazard])
    return min(established, key=lambda name: (ranks[name], established.index(name)))


def facts_of(
    hits: Iterable[Hit],
    lexicon: Lexicon,
    *,
    category: str | None = None,
    certain: Mapping[str, float] | None = None,
    asked: Container[str] = (),
) -> dict[str, str]:
    """Facts that asserted cues set; a red value wins over a mild one, a sure one over a suspected one.

    Arguments: `category` what the call is about (None: an answer, whose facts are only those asked for
    or said by the very characters); `certain` evidence from characters: a cue of another category
    counts only where that category is really reported; `asked` facts the caller was asked for.
    """
    found: dict[str, tuple[float, str]] = {}
    for hit in hits:
        if hit.strength < SURE or not _may_speak(hit, category, certain or {}):
            continue
        for fact, value in hit.cue.entry.facts.items():
            if fact not in asked and not _may_set(hit, fact, value, category, lexicon):
                continue
            sure = hit.strength + (1.0 if value in _red(lexicon, fact) else 0.0)
            sure += 2.0 if hit.cue.entry.settles and hit.how == "exact" else 0.0
            if fact not in found or found[fact][0] < sure:
                found[fact] = (sure, value)
    return {fact: value for fact, (_, value) in found.items()}


def _may_speak(hit: Hit, category: str | None, certain: Mapping[str, float]) -> bool:
    """A cue of another category speaks only where that category is reported by the very characters."""
    theirs = hit.cue.category
    if theirs is None or category is None or theirs == category:
        return True
    return hit.how == "exact" and certain.get(theirs, 0.0) >= ESTABLISHED


def _may_set(hit: Hit, fact: str, value: str, category: str | None, lexicon: Lexicon) -> bool:
    rules = lexicon.precedence
    if hit.how != "exact" and (category is None or value in rules.calm.get(fact, ())):
        return False
    return fact not in rules.own or (category is not None and category in rules.own[fact])


def _red(lexicon: Lexicon, fact: str) -> list[str]:
    known = lexicon.allowed.get(fact, {})
    red = known.get("red", []) if isinstance(known, dict) else []
    return list(red)


def subtype_of(category: Category, hits: Iterable[Hit]) -> str | None:
    """The subtype with most evidence."""
    votes: dict[str, float] = {}
    for hit in hits:
        subtype = hit.cue.entry.subtype
        if hit.cue.category == category.name and subtype:
            votes[subtype] = votes.get(subtype, 0.0) + hit.cue.entry.weight * hit.strength
    order = {name: i for i, name in enumerate(category.subtypes)}
    if not votes:
        return category.default_subtype
    return min(votes, key=lambda name: (-votes[name], order.get(name, 99)))


def severity_of(category: Category, facts: Mapping[str, str], subtype: str | None) -> Severity:
    """The first rule of the category's file that holds."""
    known = dict(facts)
    if subtype:
        known["subtype"] = subtype
    for rule in category.severity:
        if _all(rule.when, known) and (not rule.any or any(_all(one, known) for one in rule.any)):
            return Severity(rule.take)
    return Severity.MEDIUM


def _all(wanted: Mapping[str, str | list[str]], known: Mapping[str, str]) -> bool:
    for fact, values in wanted.items():
        options = [values] if isinstance(values, str) else values
        have = known.get(fact)
        if have is None and "absent" not in options:
            return False
        if have is not None and have not in options and "any" not in options:
            return False
    return True
