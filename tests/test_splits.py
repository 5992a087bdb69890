# SPDX-License-Identifier: Apache-2.0
"""No registration stands in two splits."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen import splits

TEXTS = st.text("ABC0123456789 -", min_size=0, max_size=9)


@given(st.lists(st.lists(TEXTS, max_size=4), max_size=60), st.integers(0, 2**31))
@settings(max_examples=60)
def test_no_registration_stands_in_two_splits(pictures: list[list[str]], seed: int) -> None:
    where: dict[str, set[str]] = {}
    for index, texts in enumerate(pictures):
        split = splits.split_of_picture(texts, seed, index)
        if split != splits.MIXED:
            for text in filter(None, map(splits.normal_form, texts)):
                where.setdefault(text, set()).add(split)
    assert all(len(found) == 1 for found in where.values())


def test_split_shares() -> None:
    found = [splits.split_of_text(f"CB{i:04d}") for i in range(10000)]
    assert 0.785 < found.count("train") / 10000 < 0.815
    assert 0.085 < found.count("val") / 10000 < 0.115
    assert splits.split_of_text("CB 0012") == splits.split_of_text("cb0012")


def test_photographs_of_one_render_stand_in_one_split() -> None:
    renders = [
        {
            splits.split_of_record(
                {"plates": [], "index": 4 * render + k, "shot": {"render_index": render}}, seed=0
            )
            for k in range(4)
        }
        for render in range(40)
    ]
    assert all(len(found) == 1 for found in renders)
    assert {s for found in renders for s in found} == set(splits.SPLITS)
