"""Act, ask, or offer the menu: what a wrong move costs decides (safety 2.1).

A doubt about a critical hazard is never ended quietly: it is acted on where the words are certain,
asked about where they only sound like it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from ivr.incident.model import Reason
from ivr.nlu.lexicon import Lexicon
from ivr.nlu.understanding import Next
from ivr.nlu.weighing import ESTABLISHED, HINTED, Weighed, decide

LEARNED_WEIGHT = 1.5
"""Evidence that a certain learned opinion adds (a strong cue has 3)."""
LEARNED_FLOOR = 0.04
LEARNED_BELOW = 1.6
"""The learned opinion counts only where no cue says more than this."""
LEARNED_FROM = 7
"""Signs a call must hold before the learned opinion counts: filler words are not a report."""
LEARNED_SURE = 0.35
"""A learned opinion less sure than this is none."""
WHISPER = 0.6
"""Evidence below this is a chance likeness of sound, and no evidence."""
ACT = 0.5
ASK = 0.28


@dataclass(frozen=True, slots=True)
class Judged:
    category: str
    confidence: float
    next: Next
    candidates: tuple[str, ...]
    also: tuple[str, ...]
    reasons: tuple[Reason, ...]


def judge(
    weighed: Weighed,
    learned: Mapping[str, float],
    lexicon: Lexicon,
    *,
    current: str | None,
    words: int,
) -> Judged:
    """Turn evidence into the next move.

    Arguments: `learned` class -> probability (may be empty); `current` what the dialog acts on;
    `words` signs said in the whole call.
    """
    scores = _joined(weighed, learned, lexicon, words)
    reasons = [
        Reason(f"learned {name}", f"{p:.2f}", "")
        for name, p in sorted(learned.items(), key=lambda i: -i[1])[:2]
    ]
    ranked = decide(weighed, scores, lexicon)
    if current is not None and current not in lexicon.precedence.quiet:
        ranked = _stay(ranked, current, weighed, lexicon)
    if not ranked:
        ranked = (lexicon.precedence.nothing if words == 0 else lexicon.precedence.fallback,)
    best = ranked[0]
    confidence = _confidence(best, scores, weighed)
    also = tuple(
        n
        for n in ranked[1:]
        if weighed.certain.get(n, 0.0) >= ESTABLISHED and n not in lexicon.precedence.quiet
    )
    chosen, move = _move(best, confidence, ranked, scores, weighed, lexicon)
    candidates = tuple(dict.fromkeys([chosen, *[n for n in ranked if n != chosen]]))[:3]
    return Judged(chosen, round(confidence, 3), move, candidates, also, tuple(reasons))


def _joined(
    weighed: Weighed, learned: Mapping[str, float], lexicon: Lexicon, words: int
) -> dict[str, float]:
    """Evidence of the cues; where they say little, of the learned back-off as well."""
    scores = {name: score for name, score in weighed.scores.items() if score >= WHISPER}
    sure = words >= LEARNED_FROM and max(learned.values(), default=0.0) >= LEARNED_SURE
    if sure and max(scores.values(), default=0.0) < LEARNED_BELOW:
        for name, p in learned.items():
            if p >= LEARNED_FLOOR:
                scores[name] = scores.get(name, 0.0) + LEARNED_WEIGHT * p
    for name, against in weighed.deny.items():
        if name in scores and weighed.certain.get(name, 0.0) < ESTABLISHED:
            scores[name] = max(0.0, scores[name] - against * 0.7)
    if weighed.deny and not any(s >= ESTABLISHED for s in scores.values()):
        nothing = lexicon.precedence.nothing
        scores[nothing] = scores.get(nothing, 0.0) + 0.5 * max(weighed.deny.values())
    return {name: score for name, score in scores.items() if score > 0.05}


def _stay(
    ranked: tuple[str, ...], current: str, weighed: Weighed, lexicon: Lexicon
) -> tuple[str, ...]:
    """What the dialog acts on stays, unless a deadlier hazard is certain."""
    if ranked and ranked[0] != current:
        order = lexicon.precedence.order
        new = ranked[0]
        deadlier = new in order and (
            current not in order or order.index(new) < order.index(current)
        )
        if deadlier and weighed.scores.get(new, 0.0) >= ESTABLISHED:
            return ranked
    return (current, *[name for name in ranked if name != current])


def _confidence(best: str, scores: Mapping[str, float], weighed: Weighed) -> float:
    """Set by hand, not calibrated: own evidence against the strongest other.

    Where two things are really reported, the one that leads is not in doubt for the other's sake.
    """
    mine = scores.get(best, 0.0)
    sure = {n for n, s in weighed.certain.items() if s >= ESTABLISHED}
    rivals = set(scores) - {best} - (sure if best in sure else set())
    other = max((scores[n] for n in rivals), default=0.0)
    return 1 / (1 + exp(-(1.1 * mine - 0.55 * other - 1.0)))


def _move(
    best: str,
    confidence: float,
    ranked: tuple[str, ...],
    scores: Mapping[str, float],
    weighed: Weighed,
    lexicon: Lexicon,
) -> tuple[str, Next]:
    rules = lexicon.precedence
    doubted = next(
        (
            n
            for n in sorted(scores, key=lambda n: -scores[n])
            if n in rules.critical and scores[n] >= HINTED
        ),
        None,
    )
    if (
        best in rules.quiet
        and doubted is not None
        and weighed.deny.get(doubted, 0.0) < scores[doubted]
    ):
        return (doubted, "clarify")
    if best in rules.quiet and weighed.scores.get(best, 0.0) < HINTED and scores:
        # nothing but a likeness says that it is quiet: ask about the likeliest danger instead
        danger = next((n for n in ranked if n in rules.critical), None)
        return (danger, "clarify") if danger is not None else (best, "clarify")
    if confidence >= ACT:
        return (best, "act")
    return (best, "clarify" if confidence >= ASK and scores else "menu")
