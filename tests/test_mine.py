# SPDX-License-Identifier: Apache-2.0
"""`anprgen mine`: planted faults are found, luck is not, and the configuration draws more there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from making import make
from onnx import TensorProto, helper, numpy_helper
from scipy.stats import fisher_exact
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.config import Config, read_overrides
from anprgen.draw import draw_shots, overrides_of
from anprgen.labelled import Crop, open_labelled
from anprgen.matching.probes import value_at
from anprgen.mining.pictures import Column, Pictures, columns_of
from anprgen.mining.regions import Region, find
from anprgen.mining.scan import SHUFFLES, luck, shuffles
from anprgen.mining.widen import widen
from anprgen.models import Input, ModelCard
from anprgen.models.prepare import prepare
from anprgen.pipeline import make_plan
from anprgen.shot import to_json

COUNT = 1500
BASE = Config(renderer="flat", seed=11)
#: Shot -> probability that it is misread.
Rule = Callable[[dict], float]


def crops_of(config: Config, count: int = COUNT) -> list[Crop]:
    """Crops without pictures: mining looks at what was drawn."""
    designs, overrides = make_plan(config).designs, overrides_of(config)
    out = []
    for k in range(count):
        (shot,) = draw_shots(config, overrides, designs, k)
        record = {"shot": to_json(shot)}
        out.append(Crop(str(k), f"T{k}", "val", lambda: np.zeros((1, 1, 3), np.uint8), record, {}))
    return out


@dataclass(frozen=True)
class Drawn:
    """Crops of BASE, and their parameters in cells."""

    crops: list[Crop]
    columns: dict[str, Column]

    def asked(self, rule: Rule, seed: int = 0) -> Pictures:
        """The crops, misread by a rule."""
        u = np.random.default_rng(seed).random(COUNT)
        wrong = np.array([v < rule(c.record["shot"]) for v, c in zip(u, self.crops)])
        return Pictures(self.columns, np.ones(COUNT, bool), wrong, np.arange(COUNT), "")


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    crops = crops_of(BASE)
    return Drawn(crops, columns_of(crops, BASE))


def singles(regions: list[Region]) -> list[str]:
    return [next(iter(r.cells)) for r in regions if len(r.cells) == 1]


def test_a_planted_fault_is_found_where_it_is(drawn: Drawn) -> None:
    quality = sorted(value_at(c.record["shot"], "camera.jpeg.quality") for c in drawn.crops)[
        COUNT // 4
    ]

    def rule(shot: dict) -> float:
        return 0.5 if value_at(shot, "camera.jpeg.quality") < quality else 0.1

    regions = find(drawn.asked(rule))
    assert singles(regions) == ["camera.jpeg.quality"]
    best = regions[0]
    assert best.low < best.rate < best.high
    assert best.rate == pytest.approx(0.5, abs=0.08)
    assert best.elsewhere < 0.2
    assert best.count == pytest.approx(COUNT / 4, rel=0.25)
    assert "camera.jpeg.quality" in best.line()


def test_a_planted_pair_is_found(drawn: Drawn) -> None:
    def rule(shot: dict) -> float:
        steep = abs(value_at(shot, "view.yaw_deg")) > 8
        small = value_at(shot, "view.width_px") < 90
        return 0.75 if steep and small else 0.08

    regions = find(drawn.asked(rule))
    pairs = [set(r.cells) for r in regions if len(r.cells) == 2]
    assert {"view.yaw_deg", "view.width_px"} in pairs


def test_luck_is_seldom_a_region(drawn: Drawn) -> None:
    """With 20 % misread anywhere; of 40 such sets, 5 told of regions when this was measured."""
    found = [find(drawn.asked(lambda shot: 0.2, seed=k)) for k in range(100, 108)]
    assert sum(map(bool, found)) <= 2
    assert sum(map(len, found)) <= 4


def test_faults_at_both_ends_are_one_region(drawn: Drawn) -> None:
    regions = find(
        drawn.asked(lambda shot: 0.5 if abs(value_at(shot, "view.roll_deg")) > 4 else 0.1)
    )
    (said,) = [r.said["view.roll_deg"] for r in regions if list(r.cells) == ["view.roll_deg"]]
    low, high = map(float, re.fullmatch(r"below (\S+) or above (\S+)", said).groups())
    assert -8 < low < -2
    assert 2 < high < 8


def test_mistakes_are_dealt_out_by_registrations(drawn: Drawn) -> None:
    base = drawn.asked(lambda shot: 0.3)
    pictures = replace(base, registration=np.arange(COUNT) // 3)
    dealt = shuffles(pictures)
    assert dealt.shape == (SHUFFLES, COUNT)
    assert (dealt.sum(1) == base.wrong.sum()).all()
    blocks = {tuple(b) for b in base.wrong.reshape(-1, 3).astype(int).tolist()}
    assert {tuple(b) for b in dealt[7].reshape(-1, 3).astype(int).tolist()} == blocks
    assert (dealt[0] != dealt[1]).any()


def test_pictures_of_one_registration_are_no_evidence(drawn: Drawn) -> None:
    def rule(shot: dict) -> float:
        return 0.5 if value_at(shot, "view.width_px") < 80 else 0.1

    one = replace(drawn.asked(rule), registration=np.arange(COUNT) % 20)
    assert find(one) == []


def test_what_follows_from_others_is_left_alone(drawn: Drawn) -> None:
    paths = set(drawn.columns)
    assert {"view.yaw_deg", "light.conditions", "camera.defocus.sigma_px"} <= paths
    assert not {"light.kind", "light.sun_elevation_deg"} & paths
    assert not [p for p in paths if "seed_w" in p or "serial" in p]
    linked = replace(BASE, overrides={"capture.camera": "mine"})
    paths = set(columns_of(crops_of(linked, 40), linked))
    assert "camera.defocus.sigma_px" not in paths
    assert "capture.speed_kmh" in paths


def test_the_new_configuration_draws_more_there_and_says_what_to_expect(
    drawn: Drawn,
) -> None:
    def rule(shot: dict) -> float:
        small = value_at(shot, "view.width_px") < 90
        return 0.6 if small else 0.3 * (value_at(shot, "light.conditions") == "rain") + 0.1

    pictures = drawn.asked(rule)
    regions = find(pictures)
    found = widen(pictures, regions, strength=4.0, kept=0.3, most=4)
    made = {p: d.to_json() for p, d in found.distributions.items()}
    assert "view.width_px" in made
    again = crops_of(replace(BASE, overrides=made, seed=99), 800)
    before, after = (
        np.mean([value_at(c.record["shot"], "view.width_px") < 90 for c in part])
        for part in (drawn.crops, again)
    )
    assert after > 1.5 * before
    actual = np.mean([rule(c.record["shot"]) for c in again])
    assert found.misread[1] == pytest.approx(actual, abs=0.06)
    assert found.misread[1] > found.misread[0] == pictures.rate
    assert 1 < found.effective < COUNT
    # Nothing is ruled out: wide plates are still drawn.
    assert 1 - after > 0.2


def write_linear_reader(path: Path, known: list[Crop], slots: int, charset: str) -> Path:
    """A linear reader of shrunk crops that has learnt the `known` ones by heart."""
    high, wide, by = 16, 32, 4
    x = prepare([c.pixels() for c in known], high * by, wide * by)
    small = x.reshape(len(x), high, by, wide, by).mean((2, 4)).reshape(len(x), -1)
    small = small.astype(np.float64)
    want = np.zeros((len(known), slots, len(charset) + 1))
    for row, crop in zip(want, known):
        for slot in range(slots):
            k = charset.index(crop.text[slot]) + 1 if slot < len(crop.text) else 0
            row[slot, k] = 8.0
    # Ridge regression in its dual form: fewer pictures than features.
    ridge = small @ small.T + 0.3 * np.eye(len(known))
    weights = small.T @ np.linalg.solve(ridge, want.reshape(len(known), -1))
    nodes = [
        helper.make_node("AveragePool", ["x"], ["p"], kernel_shape=[by, by], strides=[by, by]),
        helper.make_node("Reshape", ["p", "flat"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["m"]),
        helper.make_node("Reshape", ["m", "out"], ["logits"]),
    ]
    constants = {
        "flat": np.array([1, high * wide], np.int64),
        "w": weights.astype(np.float32),
        "out": np.array([1, slots, len(charset) + 1], np.int64),
    }
    size = [1, 1, high * by, wide * by]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, size)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, constants["out"].tolist())],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    ModelCard("reader", "linear", Input(high * by, wide * by), charset, slots).store(model)
    onnx.save(model, path)
    return path


def run(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["mine", *map(str, words)])
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def test_from_a_model_and_a_dataset_to_a_new_dataset(tmp_path: Path) -> None:
    """A reader that knows only plates of 110 px and more; which ones is what mining finds."""
    make(tmp_path / "d", 220, workers=2, real=True)
    crops = list(open_labelled(tmp_path / "d"))
    known = [c for c in crops if c.record["shot"]["view"]["width_px"] >= 110]
    charset = "".join(sorted(set("".join(c.text for c in crops))))
    slots = max(len(c.text) for c in crops)
    model = write_linear_reader(tmp_path / "m.onnx", known, slots, charset)
    start = tmp_path / "start.json"
    start.write_text('{"light.haze": 0.1}')
    out = tmp_path / "new" / "mined.json"
    words = (model, tmp_path / "d", "--split", "train,val,test", "-c", start)
    output = run(*words, "-o", out)
    assert "view.width_px from" in output
    said = json.loads(out.read_text("utf-8"))
    about = said["$about"]
    assert about["regions"][0]["where"].keys() == {"view.width_px"}
    assert about["misread"] == pytest.approx(1 - len(known) / len(crops), abs=0.1)
    overrides = read_overrides(out)
    assert overrides["light.haze"] == 0.1
    assert "view.width_px" in overrides
    assert "exists already" in run(*words, "-o", out, code=2)
    more = crops_of(Config(renderer="flat", overrides=overrides), 400)
    widths = [[c.record["shot"]["view"]["width_px"] for c in part] for part in (crops, more)]
    assert np.mean(np.array(widths[1]) < 110) > np.mean(np.array(widths[0]) < 110) + 0.1


def test_nothing_to_find_and_faults_are_told(tmp_path: Path) -> None:
    make(tmp_path / "d", 30, workers=2, real=True)
    crops = list(open_labelled(tmp_path / "d"))
    charset = "".join(sorted(set("".join(c.text for c in crops))))
    model = write_linear_reader(tmp_path / "m.onnx", crops, 8, charset)
    output = run(model, tmp_path / "d", "-o", tmp_path / "m.json", "--split", "train,val,test")
    assert "nothing is written" in output
    assert not (tmp_path / "m.json").exists()
    assert "no dataset" in run(model, tmp_path, "-o", tmp_path / "m.json", code=2)
    wrong = ("-o", tmp_path / "m.json", "--strength", "0.5")
    assert "strength" in run(model, tmp_path / "d", *wrong, code=2)
    assert "no split" in run(model, tmp_path / "d", "--split", "vla", code=2)


def test_luck_is_fisher_s() -> None:
    for wrong, count, other, rest in [
        (8, 20, 5, 80),
        (0, 5, 3, 9),
        (5, 5, 0, 5),
        (30, 60, 200, 900),
    ]:
        table = [[wrong, count - wrong], [other, rest - other]]
        want = fisher_exact(table, alternative="greater").pvalue
        assert luck(wrong, count, other, rest) == pytest.approx(want, rel=1e-6)
