# SPDX-License-Identifier: Apache-2.0
"""Is a region worse than elsewhere, or was it luck: a scan statistic and an exact test."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.mining.pictures import Column, Pictures
from anprgen.parameters import generator

#: Registrations and mistakes that a region has at least.
SUPPORT, MISTAKES = 25, 8
#: A region's rate over the rate elsewhere, and the most that it holds of all pictures.
WORSE, LARGEST = 1.25, 0.6
#: How often mistakes are dealt out anew: luck is told from more only down to one in so many, and of
#: n parameters the surest must be below `regions.FALSE` / n. This is enough for 300.
SHUFFLES = 3000

F32 = NDArray[np.float32]


def shuffles(pictures: Pictures) -> F32:
    """Mistakes of the legible pictures dealt out anew, [SHUFFLES, legible].

    All pictures of a registration keep together: their mistakes go to another registration with
    as many pictures, in their order.
    """
    rng = generator(0, 0, "mine.shuffles")
    groups: dict[int, list[int]] = {}
    for k, r in enumerate(pictures.registration[pictures.legible].tolist()):
        groups.setdefault(r, []).append(k)
    wrong = pictures.wrong[pictures.legible].astype(np.float32)
    out = np.tile(wrong, (SHUFFLES, 1))
    for size in sorted({len(g) for g in groups.values()}):
        rows = np.array([g for g in groups.values() if len(g) == size])
        for dealt in out:
            dealt[rows] = wrong[rows[rng.permutation(len(rows))]]
    return out


def scan(
    pictures: Pictures, column: Column, runs: list[tuple[int, ...]], shuffled: F32
) -> tuple[float, tuple[int, ...]] | None:
    """The run of cells that parts mistakes best, and how likely luck makes one as good.

    Measured by the likelihood ratio of two rates against one (Kulldorff 1997, the scan statistic),
    so the run neither stops short of a fault nor reaches far beyond it. None: no run is
    large and bad enough.
    """
    size = column.cells.cells
    one_hot = np.eye(size, dtype=np.float32)[column.place[pictures.legible]]
    member = np.zeros((size, len(runs)), np.float32)
    for k, run in enumerate(runs):
        member[list(run), k] = 1
    count = one_hot.sum(0) @ member
    wrong = pictures.wrong[pictures.legible].astype(np.float32)
    seen = _ratios(count, (wrong @ one_hot) @ member, len(wrong), float(wrong.sum()))
    best = int(seen.argmax())
    if seen[best] <= 0:
        return None
    lucky = _ratios(count, (shuffled @ one_hot) @ member, len(wrong), float(wrong.sum())).max(-1)
    # Equal arrangements count as well, whatever the last bits of their sums say.
    return (1 + int((lucky >= seen[best] - 1e-6).sum())) / (len(shuffled) + 1), runs[best]


def _ratios(count: F32, wrong: F32, every: int, mistakes: float) -> NDArray[np.float64]:
    """Log likelihood ratios; 0 where a region is too small, too large or not bad enough."""
    n, w = count.astype(np.float64), wrong.astype(np.float64)
    rest_n, rest_w = every - n, mistakes - w
    known = (n >= SUPPORT) & (n <= LARGEST * every) & (rest_n >= SUPPORT) & (w >= MISTAKES)
    known = known & (w * rest_n >= WORSE * rest_w * n)
    ratio = _likelihood(n, w) + _likelihood(rest_n, rest_w)
    whole = _likelihood(np.array(float(every)), np.array(mistakes))
    return np.where(known, np.maximum(ratio - whole, 1e-9), 0.0)


def _likelihood(n: NDArray[np.float64], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the likelihood of w mistakes in n at their own rate."""
    safe = np.maximum(n, 1)
    out = np.zeros(np.broadcast_shapes(n.shape, w.shape))
    for part in (w, n - w):
        out = out + part * np.log(np.maximum(part, 1e-9) / safe)
    return out


def luck(wrong: int, count: int, wrong_elsewhere: int, count_elsewhere: int) -> float:
    """Fisher's exact test, one-sided: how likely as many mistakes fall into `count` by luck.

    The upper tail of the hypergeometric distribution.
    """
    every, mistakes = count + count_elsewhere, wrong + wrong_elsewhere
    x = np.arange(wrong, min(count, mistakes) + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, every + 1)))])

    def choose(n: Any, k: Any) -> Any:
        return logs[n] - logs[k] - logs[n - k]

    terms = choose(mistakes, x) + choose(every - mistakes, count - x) - choose(every, count)
    return min(1.0, float(np.exp(terms).sum()))


def scaled(pictures: Pictures, inside: NDArray[np.bool_]) -> tuple[int, int]:
    """(mistakes, pictures) of a region as if each registration had one picture; rounded down."""
    count, registrations = int(inside.sum()), len(np.unique(pictures.registration[inside]))
    return int(pictures.wrong[inside].sum() * registrations / count), registrations
