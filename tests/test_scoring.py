# SPDX-License-Identifier: Apache-2.0
"""Scores of texts against slow and plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.scoring import alignment, edits, interval, is_exact, is_strict, resampled

WORDS = st.text("AB0O", max_size=6)


def slow(a: str, b: str) -> int:
    if not a or not b:
        return len(a) + len(b)
    return min(slow(a[1:], b) + 1, slow(a, b[1:]) + 1, slow(a[1:], b[1:]) + (a[0] != b[0]))


@settings(max_examples=80, deadline=None)
@given(WORDS, WORDS)
def test_edits_and_their_alignment(got: str, want: str) -> None:
    assert edits(got, want) == slow(got, want) == edits(want, got)
    pairs = alignment(got, want)
    assert "".join(w for w, _ in pairs) == want
    assert "".join(g for _, g in pairs) == got
    assert sum(w != g for w, g in pairs) == edits(got, want)


def test_exact_and_strict() -> None:
    assert is_exact("WP QA-1230", "wpOA123O")
    assert not is_strict("WP QA-1230", "wpOA123O")
    assert is_strict("wp ca.1230", "WPCA1230")
    assert not is_exact("A1", "AI")


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 200 sets of 60 registrations, 4 alike pictures each, 95 % intervals hold the mean."""
    rng, held = np.random.default_rng(3), 0
    groups = [str(k // 4) for k in range(240)]
    for _ in range(200):
        rates = rng.beta(2, 1, 60)  # mean 2/3, and pictures of a registration are alike
        hits = (rng.random(240) < np.repeat(rates, 4)).astype(float)
        low, high = interval(hits, np.ones(240), groups)
        held += low <= 2 / 3 <= high
    assert 0.89 <= held / 200 <= 0.985


def test_resamples_are_paired_and_whole_groups() -> None:
    hits = np.array([1.0, 1, 0, 0])
    found = resampled(hits, np.ones(4), ["a", "a", "b", "b"])
    assert set(np.unique(found)) == {0.0, 0.5, 1.0}
    other = resampled(1 - hits, np.ones(4), ["a", "a", "b", "b"])
    np.testing.assert_allclose(found + other, 1)
    assert interval(np.zeros(0), np.zeros(0), []) == (0, 0)
    assert interval(np.array([3.0]), np.array([7.0]), ["x"]) == pytest.approx((3 / 7, 3 / 7))
