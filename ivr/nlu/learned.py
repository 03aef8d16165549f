"""A small learned back-off: logistic regression over character and syllable n-grams.

Trained on the development split only (`ivr/evaluation/training.py`); it breaks ties and helps where
no cue fired, and never overrules a red flag.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from ivr.nlu.sounds import spelled
from ivr.nlu.text import BREAK


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights per feature and class."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]

    def probabilities(self, features: Mapping[str, float]) -> dict[str, float]:
        """Class -> probability (sums to 1)."""
        sums = list(self.bias)
        for name, value in features.items():
            weight = self.weights.get(name)
            if weight is not None:
                for i, w in enumerate(weight):
                    sums[i] += w * value
        top = max(sums)
        powers = [exp(s - top) for s in sums]
        total = sum(powers)
        return {c: p / total for c, p in zip(self.classes, powers, strict=True)}


def read_learned(text: str) -> Learned:
    """Read the JSON that training wrote: {"classes": […], "bias": […], "weights": {feature: […]}}."""
    loaded = json.loads(text)
    return Learned(
        tuple(loaded["classes"]),
        tuple(loaded["bias"]),
        {name: tuple(values) for name, values in loaded["weights"].items()},
    )


def named_features(text: str, line: str, *, words: bool) -> dict[str, float]:
    """N-grams of characters (or words) and of folded syllables, each once, scaled to length one.

    Numbers, and with them places, are all one sign: an address says nothing about what happened.
    """
    found: set[str] = set()
    if words:
        tokens = [t for t in text.replace(BREAK, f" {BREAK} ").split() if not t.isdigit()]
        for n in (1, 2, 3):
            found.update("w" + " ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
    else:
        syllables = [spelled(sign) for sign in line]
        for n in (2, 3):
            found.update("c" + text[i : i + n] for i in range(len(text) - n + 1))
            found.update(
                "s" + " ".join(syllables[i : i + n]) for i in range(len(syllables) - n + 1)
            )
        found.update("c" + sign for sign in text)
        found.update(f"k{a} {b}" for a, b in zip(syllables, syllables[2:], strict=False))
    scale = 1.0 / max(1, len(found)) ** 0.5
    return dict.fromkeys(found, scale)
