"""Loudness in dBFS: 0 is a full-scale square wave, a quiet telephone line lies below -55."""

from typing import Final

import numpy as np

from ivr.audio.mulaw import Pcm

FLOOR_DBFS: Final = -100.0
"""What digital silence is reported as."""


def dbfs(pcm: Pcm) -> float:
    """Return the root-mean-square level of `pcm` in dBFS, `FLOOR_DBFS` for silence or nothing."""
    if len(pcm) == 0:
        return FLOOR_DBFS
    mean_square = float(np.mean(np.square(pcm.astype(np.float64) / 32768)))
    return max(FLOOR_DBFS, 10 * float(np.log10(mean_square))) if mean_square > 0 else FLOOR_DBFS


def at_level(pcm: Pcm, target_dbfs: float, *, peak_dbfs: float = -1.0) -> Pcm:
    """Return `pcm` amplified to `target_dbfs`, or as near as its peak allows without clipping."""
    peak = int(np.max(np.abs(pcm.astype(np.int32)), initial=0))
    if peak == 0:
        return pcm
    wanted = 10 ** ((target_dbfs - dbfs(pcm)) / 20)
    allowed = 32767 * 10 ** (peak_dbfs / 20) / peak
    return np.round(pcm * min(wanted, allowed)).astype(np.int16)
