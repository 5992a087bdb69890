# SPDX-License-Identifier: Apache-2.0
"""Parts of a dataset made apart: together they are the dataset that one run makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import Notes, digest, make, spec_of, write_by_hand
from test_cli import run
from test_workers import contents

from anprgen import shards
from anprgen.build import build
from anprgen.dataset import Dataset, count_own
from anprgen.errors import ConfigError, DatasetError
from anprgen.exporters import unfinished
from anprgen.merge import merge
from anprgen.share import Share


@given(n=st.integers(0, 5000), size=st.integers(1, 400), count=st.integers(1, 40))
def test_shares_are_a_partition(n: int, size: int, count: int) -> None:
    total = -(-n // size)
    shares = [Share(i + 1, count) for i in range(count)]
    assert sorted(k for s in shares for k in s.shards(total)) == list(range(total))
    assert sum(count_own(n, size, s) for s in shares) == n


@pytest.mark.parametrize("text", ["0/4", "5/4", "a/4", "1", "1/0", "-1/4", "1/9999999", ""])
def test_a_part_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no such part"):
        Share.parse(text)


def parts(root: Path, n: int, count: int, **config: object) -> list[Path]:
    made = []
    for number in range(1, count + 1):
        folder = root / f"{number}of{count}"
        build(spec_of(folder, **config), n, Notes(), workers=2, share=Share(number, count))
        made.append(folder)
    return made


def test_parts_join_to_the_bytes_of_one_run(tmp_path: Path) -> None:
    make(tmp_path / "whole", 760, workers=2)
    made = parts(tmp_path, 760, 3)
    assert [len(Dataset.open(p).shards) for p in made] == [2, 1, 1]
    done = merge(made[::-1], tmp_path / "joined")
    assert (done.taken, done.missing) == (4, 0)
    assert digest(tmp_path / "joined") == digest(tmp_path / "whole")
    assert contents(tmp_path / "joined") == contents(tmp_path / "whole")
    # It is a dataset like any other: it grows, and its own parts stay as they are.
    make(tmp_path / "joined", 770)
    make(tmp_path / "whole", 770)
    assert contents(tmp_path / "joined") == contents(tmp_path / "whole")
    assert not Dataset.open(made[0]).count_missing(760)


def test_a_part_alone_is_told_from_a_dataset(tmp_path: Path) -> None:
    first, second = parts(tmp_path, 500, 2)
    have = Dataset.open(first)
    assert (have.count_missing(500), have.count_own(500)) == (0, 250)
    with pytest.raises(DatasetError, match="part 1/2"):
        unfinished(have, partial=False)
    assert unfinished(have, partial=True) == ["this is part 1/2 of a dataset"]
    with pytest.raises(DatasetError, match="part 1/2 of a dataset, not 1/1"):
        make(first, 500)
    with pytest.raises(DatasetError, match="not part 2/2|not 2/2"):
        build(spec_of(first), 500, Notes(), share=Share(2, 2))
    done = merge([second], tmp_path / "joined", link=True)
    assert (done.taken, done.missing) == (1, 250)
    done = merge([first, second], tmp_path / "joined", link=True)
    assert (done.taken, done.missing) == (1, 0)
    assert Dataset.open(tmp_path / "joined").manifest.completed == 500


def test_the_fuller_of_two_shards_is_taken(tmp_path: Path) -> None:
    for n in (14, 17):
        write_by_hand(tmp_path / str(n), n)
    merge([tmp_path / "17", tmp_path / "14"], tmp_path / "joined")
    assert digest(tmp_path / "joined") == digest(tmp_path / "17")
    assert merge([tmp_path / "14"], tmp_path / "joined").taken == 0
    assert digest(tmp_path / "joined") == digest(tmp_path / "17")


def test_a_crash_while_joining_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_by_hand(tmp_path / "a", 25)
    whole = digest(tmp_path / "a")
    before = contents(tmp_path / "a")
    real, steps = shards._publish, iter([True, False, True])

    def crash(root: Path, number: int) -> None:
        if root.name == "joined" and next(steps, False):
            raise KeyboardInterrupt
        real(root, number)

    monkeypatch.setattr(shards, "_publish", crash)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            merge([tmp_path / "a"], tmp_path / "joined")
    monkeypatch.setattr(shards, "_publish", real)
    merge([tmp_path / "a"], tmp_path / "joined")
    assert digest(tmp_path / "joined") == whole
    assert contents(tmp_path / "a") == before


def test_parts_of_different_recipes_are_refused(tmp_path: Path) -> None:
    write_by_hand(tmp_path / "a", 5)
    write_by_hand(tmp_path / "b", 5, seed=1)
    with pytest.raises(DatasetError, match="another recipe.*\n.*seed: 0 in the dataset, 1 asked"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "joined")
    with pytest.raises(DatasetError, match="one of the parts"):
        merge([tmp_path / "a"], tmp_path / "a")
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "letter.txt").write_text("dear")
    with pytest.raises(DatasetError, match="not empty"):
        merge([tmp_path / "a"], tmp_path / "else")
    # A shard that the target is making itself is left to it.
    write_by_hand(tmp_path / "c", 3)
    shards.begin(tmp_path / "c", 0, 0, 5)
    with pytest.raises(DatasetError, match="half made"):
        merge([tmp_path / "a"], tmp_path / "c")


def test_kept_pictures_come_along(tmp_path: Path) -> None:
    spec = spec_of(tmp_path / "a", real=True, designs=(("sri_lanka", 1.0),))
    spec = type(spec)(spec.config, spec.root, keep=("light", "clean"))
    build(spec, 3, Notes(), workers=1)
    merge([tmp_path / "a"], tmp_path / "joined")
    assert digest(tmp_path / "joined") == digest(tmp_path / "a")
    assert contents(tmp_path / "joined") == contents(tmp_path / "a")


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    common = ["build", "sri_lanka", "-n", "252", "--renderer", "flat"]
    run(*common, "--shard", "2/2", "--json-log", "log.jsonl")
    events = [json.loads(line) for line in Path("log.jsonl").read_text("utf-8").splitlines()]
    assert [e["event"] for e in events][:1] + [e["event"] for e in events][-1:] == ["begin", "end"]
    assert [e["index"] for e in events if e["event"] == "sample"] == [250, 251]
    assert events[-1]["made"] == 2
    result = run("merge", "sri_lanka-ocr-2of2", "-o", "all", code=1)
    assert "250 of 252 samples are missing" in result.output
    run(*common, "--shard", "3/4", code=2)
