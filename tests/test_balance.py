# SPDX-License-Identifier: Apache-2.0
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anprgen.arguments import make_config
from anprgen.balance import balanced
from anprgen.config import Config, read_exclusions
from anprgen.errors import ConfigError
from anprgen.pipeline import make_plan
from anprgen.registration import Field, Series
from anprgen.starter import write_starter


def series(*fields):
    return Series("s", 1.0, fields, "{a}", ("a",), {"x": 1.0})


@given(st.lists(st.text("ABCD", min_size=2, max_size=2), min_size=2, max_size=14, unique=True))
def test_balanced_values_keep_their_set_and_never_grow_less_even(values):
    skewed = {v: 1.0 + 50.0 * i for i, v in enumerate(values)}
    made = balanced(series(Field("a", values=skewed))).fields[0].values
    assert set(made) == set(values)
    assert all(w > 0 for w in made.values())

    def spread(weights):
        total = sum(weights.values())
        out = 0.0
        for position in (0, 1):
            shares = Counter()
            for v, w in weights.items():
                shares[v[position]] += w / total
            out += sum((s - 1 / len(shares)) ** 2 for s in shares.values())
        return out

    assert spread(made) <= spread(dict.fromkeys(values, 1.0)) + 1e-12


def test_codes_that_allow_equal_shares_get_them():
    every = {a + b: 1.0 + 9 * (a == "A") for a in "ABC" for b in "XYZ"}
    made = balanced(series(Field("a", values=every))).fields[0].values
    assert list(made.values()) == pytest.approx([1 / 9] * 9)


def test_weightless_characters_stay_out():
    field = Field("a", characters=({"A": 5.0, "B": 1.0, "C": 0.0},))
    assert balanced(series(field)).fields[0].characters == ({"A": 1.0, "B": 1.0},)


def test_balanced_dataset_shows_every_letter_as_often():
    plain = Counter()
    even = Counter()
    for balance, counts in (("grammar", plain), ("characters", even)):
        plan = make_plan(Config(renderer="flat", balance=balance))
        for i in range(1500):
            registration = plan.shot(i).plates[0].registration
            if registration.series == "three_letter":
                counts[registration.field("series")[0]] += 1
    assert max(plain.values()) > 5 * (sum(plain.values()) / 26)
    assert len(even) == 26
    assert max(even.values()) < 2.2 * (sum(even.values()) / 26)


def test_excluded_registrations_never_appear_and_others_stay(tmp_path):
    free = make_plan(Config(renderer="flat"))
    texts = [free.shot(i).plates[0].registration for i in range(60)]
    listed = tmp_path / "known.txt"
    lines = [texts[3].text, f"{texts[7].ocr_text.lower()}  # seen", "# none", ""]
    listed.write_text("\n".join(lines), "utf-8")
    plan = make_plan(make_config(["sri_lanka"], renderer="flat", exclude=listed))
    for i, was in enumerate(texts):
        now = plan.shot(i).plates[0].registration
        if i in (3, 7):
            assert now.ocr_text != was.ocr_text
        else:
            assert now == was
    assert "exclude" in plan.identity()["config"]
    assert "exclude" not in free.identity()["config"]


def test_excluding_everything_is_an_error_for_people(tmp_path):
    path = write_starter("one", tmp_path)
    data = json.loads(path.read_text("utf-8"))
    data["series"][0]["fields"] = [
        {"name": "district", "values": {"AB": 1}},
        {"name": "number", "number": {"first": 1, "last": 1, "digits": 3}},
        {"name": "letters", "values": {"XY": 1}},
    ]
    path.write_text(json.dumps(data), "utf-8")
    config = Config(designs=((str(path), 1.0),), renderer="flat", exclude=("AB001XY",))
    with pytest.raises(ConfigError, match="leave none"):
        make_plan(config)


def test_bad_words_are_errors_for_people(tmp_path):
    with pytest.raises(ConfigError, match="unknown balance 'characer'.*") as caught:
        make_plan(Config(balance="characer"))
    assert "characters" in str(caught.value)
    with pytest.raises(ConfigError, match="cannot read"):
        read_exclusions(tmp_path / "none.txt")
