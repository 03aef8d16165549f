"""Train the learned back-off on the development split, and say how well it does on unseen patterns.

Plain multinomial logistic regression by gradient descent in numpy, over character, word and
folded-syllable n-grams; every sentence also appears with homophone errors, so that the weights lean
on what survives the recogniser.
"""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.evaluation.homophones import misheard
from ivr.evaluation.rows import Row
from ivr.nlu.learned import named_features
from ivr.nlu.lexicon import LanguagePack
from ivr.nlu.text import clean

NOISY_COPIES = (0.15, 0.3)
"""Strengths of the homophone copies of each Mandarin row."""
ROUNDS, RATE, DECAY, KEEP = 300, 0.6, 2e-5, 2
"""Gradient steps, step size, weight decay, and the fewest rows a feature must stand in."""


def train(rows: Sequence[Row], pack: LanguagePack, seed: int = 7) -> str:
    """JSON of the weights for one language (see `ivr.nlu.learned.read_learned`)."""
    dice = random.Random(seed)  # noqa: S311 - repeatable errors, no secret
    samples = [(features, row.category) for row in rows for features in _samples(row, pack, dice)]
    counts = Counter(name for features, _ in samples for name in features)
    names = sorted(name for name, count in counts.items() if count >= KEEP)
    classes = sorted({category for _, category in samples})
    matrix = _matrix([features for features, _ in samples], names)
    wanted = np.array([classes.index(category) for _, category in samples])
    weights, bias = _fit(matrix, wanted, len(classes))
    return json.dumps(
        {
            "classes": classes,
            "bias": [round(float(b), 3) for b in bias],
            "weights": {n: [round(float(w), 2) for w in weights[i]] for i, n in enumerate(names)},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _samples(row: Row, pack: LanguagePack, dice: random.Random) -> list[Mapping[str, float]]:
    texts = [row.text]
    if not pack.common.words:
        texts += [misheard(row.text, strength, dice) for strength in NOISY_COPIES]
    made: list[Mapping[str, float]] = []
    for text in texts:
        plain = clean(text).text
        made.append(named_features(plain, pack.sounds.line(plain), words=pack.common.words))
    return made


def _matrix(samples: Sequence[Mapping[str, float]], names: Sequence[str]) -> NDArray[np.float32]:
    at = {name: i for i, name in enumerate(names)}
    made = np.zeros((len(samples), len(names)), dtype=np.float32)
    for i, sample in enumerate(samples):
        for name, value in sample.items():
            if name in at:
                made[i, at[name]] = value
    return made


def _fit(
    matrix: NDArray[np.float32], wanted: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias by Nesterov's gradient, every class weighing the root of its size."""
    target = np.eye(classes, dtype=np.float32)[wanted]
    size = np.bincount(wanted, minlength=classes)
    share = (1 / np.sqrt(size[wanted])).astype(np.float32)
    share /= share.sum()
    weights = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    bias = np.zeros(classes, dtype=np.float32)
    speed_w, speed_b = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(ROUNDS):
        scores = matrix @ (weights + 0.9 * speed_w) + bias + 0.9 * speed_b
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        error = (powers / powers.sum(axis=1, keepdims=True) - target) * share[:, None]
        speed_w = 0.9 * speed_w - RATE * 10 * (matrix.T @ error + DECAY * weights)
        speed_b = 0.9 * speed_b - RATE * error.sum(axis=0)
        weights, bias = weights + speed_w, bias + speed_b
    return weights, bias
