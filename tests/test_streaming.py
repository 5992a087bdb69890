# SPDX-License-Identifier: Apache-2.0
"""Samples as they are made: those of a dataset, each once, however many share the work."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import make

import anprgen
from anprgen.dataset import Dataset
from anprgen.errors import AnprgenError, ConfigError, RenderError
from anprgen.pipeline import Plan
from anprgen.samples import completed, decode


def test_a_stream_is_the_dataset(tmp_path: Path) -> None:
    make(tmp_path, 6, workers=2, real=True, designs=(("sri_lanka", 1.0),), variants=2)
    have = Dataset.open(tmp_path)
    streamed = anprgen.stream("sri_lanka", renderer="flat", stop=6, variants=2)
    for record, sample in zip(have.records(), streamed, strict=True):
        assert sample.index == record["index"]
        assert np.array_equal(sample.pixels, decode(have.image_path(record).read_bytes()))
        folder = record["image"]["file"].rpartition("/")[0]
        again, _ = completed(sample.record, sample.image, folder, 0, record["device"])
        assert again["digest"] == record["digest"]


@pytest.mark.parametrize(("parts", "variants"), [(1, 1), (3, 1), (2, 4)])
def test_parts_see_each_sample_once(parts: int, variants: int) -> None:
    def indices(part: int) -> list[int]:
        every = anprgen.stream(
            "sri_lanka", renderer="flat", first=5, stop=16, part=(part, parts), variants=variants
        )
        return [sample.index for sample in every]

    own = [indices(part) for part in range(parts)]
    assert sorted(i for each in own for i in each) == list(range(5, 16))
    for each in own:  # whole renders
        assert not {i // variants for i in each} & {
            i // variants for other in own if other is not each for i in other
        }


def test_mistakes_are_told_at_the_call() -> None:
    with pytest.raises(ConfigError, match="make no sense"):
        anprgen.stream("sri_lanka", renderer="flat", first=-1)
    with pytest.raises(AnprgenError):
        anprgen.stream("atlantis", renderer="flat")
    with pytest.raises(ConfigError, match="nothing.like"):
        anprgen.stream("sri_lanka", renderer="flat", config={"nothing.like": 1})
    with pytest.raises(AttributeError):
        anprgen.brook  # noqa: B018


def test_what_cannot_be_made_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Plan.sample

    def fails(self: Plan, index: int, *rest: Any, **more: Any) -> Any:
        if index == 1:
            raise RenderError("no light")
        return real(self, index, *rest, **more)

    monkeypatch.setattr(Plan, "sample", fails)
    with pytest.warns(UserWarning, match="sample 1 is left out: no light"):
        made = [s.index for s in anprgen.stream("sri_lanka", renderer="flat", stop=3)]
    assert made == [0, 2]


def test_what_has_no_picture_is_left_out_too() -> None:
    wide = {"view.width_px": {"uniform": [100, 6000]}}  # few of them fit into a picture
    every = anprgen.stream("sri_lanka", renderer="flat", config=wide, stop=8)
    with pytest.warns(UserWarning, match="is left out") as told:
        made = [sample.index for sample in every]
    left = [int(str(w.message).split()[1]) for w in told if "left out" in str(w.message)]
    assert 0 in made
    assert sorted(made + left) == list(range(8))
    assert len(left) > 2


@pytest.mark.filterwarnings("ignore:sample")
@pytest.mark.parametrize(("error", "tries"), [(RenderError("dark"), 2), (ValueError("odd"), 1)])
def test_only_rendering_is_tried_again_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, error: Exception, tries: int
) -> None:
    tried: list[int] = []

    def fails(self: Plan, index: int, *rest: Any, **more: Any) -> Any:
        tried.append(index)
        raise error

    monkeypatch.setattr(Plan, "sample", fails)
    with (
        pytest.warns(UserWarning, match=f"sample 3 is left out: .*{error}"),
        pytest.raises(RenderError, match="25 samples in a row cannot be made, to number 24"),
    ):
        list(anprgen.stream("sri_lanka", renderer="flat"))
    assert [tried.count(index) for index in range(25)] == [tries] * 25


class _Info:
    id, num_workers = 0, 1


@pytest.fixture
def torch_stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """The module with as much of torch as it uses; the real one is too large for these tests."""
    torch, utils, data = (types.ModuleType(n) for n in ("torch", "torch.utils", "torch.utils.data"))
    distributed = types.SimpleNamespace(
        is_available=lambda: True, is_initialized=lambda: True,
        get_rank=lambda: 1, get_world_size=lambda: 2,
    )  # fmt: skip
    torch.distributed, torch.Tensor, torch.from_numpy = distributed, np.ndarray, np.asarray
    data.IterableDataset = type(
        "IterableDataset", (), {"__class_getitem__": classmethod(lambda cls, _: cls)}
    )
    data.get_worker_info = lambda: _Info
    for module in (torch, utils, data):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    import anprgen.torch_stream

    yield anprgen.torch_stream
    del sys.modules["anprgen.torch_stream"]


def test_torch_workers_and_ranks_share_the_samples(
    torch_stream: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    for rank in (0, 1):
        monkeypatch.setattr(torch_stream.torch.distributed, "get_rank", lambda r=rank: r)
        dataset = torch_stream.TorchStream(
            "sri_lanka", renderer="flat", length=7, transform=lambda s: s.index
        )
        monkeypatch.setattr(_Info, "num_workers", 2)
        for worker in (0, 1):
            monkeypatch.setattr(_Info, "id", worker)
            seen += list(dataset)
    assert sorted(seen) == list(range(7))
    dataset.set_first(7)
    assert list(dataset)[0] >= 7


def test_a_torch_sample_is_picture_and_text(torch_stream: types.ModuleType) -> None:
    dataset = torch_stream.TorchStream("sri_lanka", renderer="flat", length=1, rank=0, ranks=1)
    [(picture, text)] = list(dataset)
    assert picture.shape[0] == 3
    assert picture.dtype == np.uint8
    assert text.isalnum()
