# SPDX-License-Identifier: Apache-2.0
"""`anprgen train`, where PyTorch is installed: learns, resumes, and writes what it learnt."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402
from labelled_crops import write_crops  # noqa: E402
from making import Killed, Notes, digest, make  # noqa: E402

from anprgen.errors import AnprgenError, DatasetError, ModelError  # noqa: E402
from anprgen.labelled import open_labelled  # noqa: E402
from anprgen.models import Input, Reader  # noqa: E402
from anprgen.models.card import ModelCard  # noqa: E402
from anprgen.training import to_onnx  # noqa: E402
from anprgen.training.augment import augment  # noqa: E402
from anprgen.training.crops import Order, load, targets  # noqa: E402
from anprgen.training.network import HEIGHT, WIDTH, PlateReader  # noqa: E402
from anprgen.training.recipe import Options  # noqa: E402
from anprgen.training.run import train  # noqa: E402
from anprgen.training.steps import Device, read_metrics  # noqa: E402

QUICK = Options(steps=6, batch=8, width=8, check_every=2, threads=1, device="cpu")


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("train") / "plates"
    make(root, 80, workers=2, real=True)
    return root


def test_a_reader_is_trained_and_says_so(plates: Path, tmp_path: Path) -> None:
    done = train([plates], tmp_path / "m", QUICK, Notes(), export_batch=3)
    said = json.loads((tmp_path / "m" / "model.json").read_text("utf-8"))
    assert said == done.summary
    assert done.file.name == "reader-b3.onnx"
    assert said["trained_on"][0]["digest"] == digest(plates)
    assert said["macs"] > 1e6
    assert said["parameters"] > 1e4
    assert said["milliseconds"] > 0
    assert set(said["onnx"]["operators"]) <= to_onnx.ALLOWED
    assert [m["step"] for m in read_metrics(tmp_path / "m")] == [2, 4, 6]
    ET.fromstring((tmp_path / "m" / "training.svg").read_text("utf-8"))
    one, three = Reader.open(tmp_path / "m"), Reader.open(done.file)
    assert one.session.batch == 1
    assert three.session.batch == 3
    crops = [c.pixels() for c in open_labelled(plates)][:7]
    for a, b in zip(one.read(crops), three.read(crops)):
        assert a.text == b.text
        assert a.confidence == pytest.approx(b.confidence, abs=1e-4)


def test_a_killed_training_ends_as_if_it_had_not_been(plates: Path, tmp_path: Path) -> None:
    whole = train([plates], tmp_path / "whole", QUICK, Notes())
    for after in (1, 1):
        with pytest.raises(KeyboardInterrupt):
            train([plates], tmp_path / "killed", QUICK, Killed(after))
    with open(tmp_path / "killed" / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.write('{"step": 99, "loss": 0')  # What a kill leaves of a line.
    notes = Notes()
    train([plates], tmp_path / "killed", QUICK, notes)
    assert any("from step 4" in text for text in notes.texts)
    a, b = (
        torch.load(tmp_path / name / "weights.pt", weights_only=True)
        for name in ("whole", "killed")
    )
    assert a.keys() == b.keys()
    assert all(torch.equal(a[k], b[k]) for k in a)
    told = [
        [{**m, "seconds_a_step": 0} for m in read_metrics(tmp_path / name)]
        for name in ("whole", "killed")
    ]
    assert told[0] == told[1]
    kept = whole.file.read_bytes()
    train([plates], tmp_path / "whole", QUICK, Notes())  # Trained already: nothing changes.
    assert whole.file.read_bytes() == kept
    assert [m["step"] for m in read_metrics(tmp_path / "whole")] == [2, 4, 6]
    assert not (tmp_path / "whole" / "checkpoint.pt").exists()


def test_another_recipe_is_refused_by_name(plates: Path, tmp_path: Path) -> None:
    train([plates], tmp_path / "m", replace(QUICK, steps=1), Notes())
    with pytest.raises(DatasetError, match="steps: 1 there, 6 asked for"):
        train([plates], tmp_path / "m", QUICK, Notes())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(DatasetError, match="not empty"):
        train([plates], tmp_path / "full", QUICK, Notes())
    (tmp_path / "broken").mkdir()
    train([plates], tmp_path / "broken", replace(QUICK, steps=1), Notes())
    (tmp_path / "broken" / "weights.pt").unlink()
    (tmp_path / "broken" / "checkpoint.pt").write_bytes(b"no checkpoint")
    with pytest.raises(DatasetError, match="cannot continue"):
        train([plates], tmp_path / "broken", replace(QUICK, steps=1), Notes())


def test_a_dataset_may_be_renamed_and_nothing_else(plates: Path, tmp_path: Path) -> None:
    quick = replace(QUICK, steps=1)
    shutil.copytree(plates, tmp_path / "moved")
    train([plates], tmp_path / "m", quick, Notes())
    train([tmp_path / "moved"], tmp_path / "m", quick, Notes())
    make(tmp_path / "other", 60, workers=2, real=True, seed=9)
    with pytest.raises(DatasetError, match=r"trained_on\[0\] \(other\)\.digest: '\w{32}' there"):
        train([tmp_path / "other"], tmp_path / "m", quick, Notes())
    with pytest.raises(DatasetError, match=r"trained_on\[1\]: none there, other asked for"):
        train([plates, tmp_path / "other"], tmp_path / "m", quick, Notes())


def test_files_of_weights_that_are_gone_are_put_aside(plates: Path, tmp_path: Path) -> None:
    out, quick = tmp_path / "a\u00a0b", replace(QUICK, steps=1)
    first = train([plates], out, quick, Notes()).file.read_bytes()
    assert Reader.open(out).card.name == "a_b"
    (out / "weights.pt").unlink()
    notes = Notes()
    train([plates], out, replace(quick, precision="bfloat16"), notes)
    assert any("reader.onnx.old" in text for text in notes.texts)
    assert (out / "reader.onnx.old").read_bytes() == first
    assert (out / "reader.onnx").read_bytes() != first


def test_a_network_learns_what_it_sees(tmp_path: Path) -> None:
    """Bars of two kinds on two lines: after 150 steps it reads texts that it has not seen."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)

    def crops(count: int) -> tuple[np.ndarray, list[str]]:
        images, texts = np.full((count, HEIGHT, WIDTH), 40, np.uint8), []
        for image in images:
            text = "".join(rng.choice(list("AB"), rng.integers(2, 5)))
            for k, c in enumerate(text):
                row, column = divmod(k, 2)
                y, x = 6 + 30 * row, 14 + 50 * column
                image[y : y + 24, x : x + 30] = 200
                if c == "B":
                    image[y + 8 : y + 16, x + 8 : x + 22] = 40
            texts.append(text)
        noise = rng.integers(0, 30, images.shape)
        return (images + noise).astype(np.uint8), texts

    from anprgen.models.prepare import standardise

    model = PlateReader(4, 3, 8)
    optimiser = torch.optim.AdamW(model.parameters(), 4e-3)
    for _ in range(150):
        images, texts = crops(24)
        want = torch.from_numpy(targets(texts, "AB", 4))
        logits = model(torch.from_numpy(standardise(images)))
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), want)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    images, texts = crops(60)
    card = ModelCard("reader", "bars", Input(HEIGHT, WIDTH), "AB", 4)
    to_onnx.write(model, tmp_path / "bars.onnx", card, 1)
    found = Reader.open(tmp_path / "bars.onnx").read(list(images))
    assert sum(r.text == t for r, t in zip(found, texts)) >= 54


def test_a_file_that_says_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = ModelCard("reader", "r", Input(HEIGHT, WIDTH), "AB", 4)
    model = PlateReader(4, 3, 8)
    with monkeypatch.context() as m:
        m.setattr(to_onnx, "TOLERANCE", -1.0)
        with pytest.raises(ModelError, match="differ"):
            to_onnx.write(model, tmp_path / "r.onnx", card, 1)
    with monkeypatch.context() as m:
        m.setattr(to_onnx, "ALLOWED", to_onnx.ALLOWED - {"MaxPool"})
        with pytest.raises(ModelError, match="MaxPool"):
            to_onnx.write(model, tmp_path / "r.onnx", card, 1)
    assert list(tmp_path.iterdir()) == []
    to_onnx.write(model, tmp_path / "r.onnx", card, 2)
    made = onnx.load(tmp_path / "r.onnx")
    assert made.opset_import[0].version == 13
    shapes = [v.type.tensor_type.shape.dim for v in (*made.graph.input, *made.graph.output)]
    assert [[d.dim_value for d in dims] for dims in shapes] == [[2, 1, 64, 128], [2, 4, 3]]


def test_the_user_s_own_crops_are_mixed_in(plates: Path, tmp_path: Path) -> None:
    rows = [(t, t) for t in (f"A{k % 3 + 1}{k // 3 % 3 + 1}" + "BC"[k % 2] for k in range(60))]
    real = write_crops(tmp_path / "real", [*rows, ("A1", "Ω1")])
    notes = Notes()
    options = replace(QUICK, batch=10, real_share=0.4)
    done = train([plates], tmp_path / "m", options, notes, real=real)
    sources = done.summary["trained_on"]
    assert [s["share"] for s in sources] == [0.6, 0.4]
    assert {"ours", "real"} == set(done.summary["validation"])
    few = write_crops(tmp_path / "few", rows[:5])
    with pytest.raises(DatasetError, match="labelled crops"):
        train([plates], tmp_path / "m2", options, notes, real=few)
    with pytest.raises(DatasetError, match="go to --real"):
        train([real], tmp_path / "m3", options, notes)


def test_what_is_learnt_from_is_never_the_test_split(plates: Path) -> None:
    crops = load([plates], None, (HEIGHT, WIDTH), lambda text: None)
    by_split = {"train": set(), "val": set(), "test": set()}
    for crop in open_labelled(plates):
        by_split[crop.split].add(crop.text)
    assert set(crops.train["ours"].texts) == by_split["train"]
    assert set(crops.val["ours"].texts) == by_split["val"]
    assert not by_split["test"] & by_split["train"]


def test_order_is_a_function_of_seed_and_step() -> None:
    order = Order(10, 4, 7, "ours")
    steps = [order.of_step(k).tolist() for k in range(5)]
    seen = sum(steps, [])
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]
    alone = Order(10, 4, 7, "ours")
    assert [alone.of_step(k).tolist() for k in (3, 0, 2)] == [steps[k] for k in (3, 0, 2)]
    assert Order(10, 4, 8, "ours").of_step(0).tolist() != steps[0]
    assert len(set(Order(3, 7, 0, "x").of_step(0).tolist())) == 3


def test_augmented_pictures_belong_to_their_address() -> None:
    greys = np.random.default_rng(0).integers(0, 255, (6, HEIGHT, WIDTH), np.uint8)
    kept = greys.copy()
    a, b = augment(greys, 1, 5), augment(greys, 1, 5)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(greys, kept)
    assert (a != augment(greys, 1, 6)).any()
    assert a.shape == greys.shape


def test_options_that_cannot_be() -> None:
    for wrong in ({"steps": 0}, {"precision": "int4"}, {"slots": 99}, {"real_share": 1.0}):
        with pytest.raises(AnprgenError):
            Options(**wrong)
    for device in ("cuda:99", "tpu", "cpu:x"):
        with pytest.raises(DatasetError, match="no device"):
            Device.choose(Options(device=device))
    with pytest.raises(DatasetError, match="float16"):
        Device.choose(Options(device="cpu", precision="float16"))
