# SPDX-License-Identifier: Apache-2.0
"""`gap` and `match` end to end: a camera that is known is found again from its pictures alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from making import Notes
from PIL import Image
from typer.testing import CliRunner

from anprgen.build import build
from anprgen.cli import app
from anprgen.config import Config, read_overrides
from anprgen.draw import overrides_of
from anprgen.matching.match import Matched, Options, match
from anprgen.matching.probes import Maker
from anprgen.matching.survey import survey
from anprgen.tasks import Spec

#: A camera unlike the default one: soft, coarsely compressed, small.
KNOWN = {
    "view.width_px": {"uniform": [80, 120]},
    "camera.defocus.sigma_px": {"uniform": [1.2, 1.6]},
    "camera.jpeg.quality": {"uniform": [62, 70]},
}
_DEFAULT_MEDIANS = {
    "view.width_px": 152,
    "camera.defocus.sigma_px": 0.2,
    "camera.jpeg.quality": 88,
}


def made(root: Path, count: int, seed: int, overrides: dict) -> Path:
    config = Config(renderer="flat", seed=seed, overrides=overrides)
    build(Spec(config, root), count, Notes(), workers=2)
    return root


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stands in for photographs: pictures by the known camera, without their labels."""
    root = tmp_path_factory.mktemp("known")
    place = root / "photographs"
    place.mkdir()
    for path in made(root / "set", 60, 77, KNOWN).rglob("*.jpg"):
        path.rename(place / path.name)
    return place


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("ours") / "set", 260, 5, {})


@pytest.fixture(scope="module")
def matched(photographs: Path) -> Matched:
    fitted = (*KNOWN, "camera.tone.white", "camera.sensor.bits")
    options = Options(probes=320, rounds=2, checks=80, fitted=fitted, seed=3)
    real = survey(photographs)
    return match(real, Config(renderer="flat"), Maker("crops"), options, lambda text: None)


@pytest.mark.parametrize("path", KNOWN)
def test_a_known_camera_is_found(matched: Matched, path: str) -> None:
    """The median of each shifted parameter goes at least half the way to where it was."""
    aim = np.mean(KNOWN[path]["uniform"])
    here = np.median([matched.overrides[path].at((k + 0.5) / 500) for k in range(500)])
    share = (here - _DEFAULT_MEDIANS[path]) / (aim - _DEFAULT_MEDIANS[path])
    assert 0.5 < share < 1.5


def test_it_is_nearer_on_fresh_samples(matched: Matched) -> None:
    """Measured on samples that no fit has seen."""
    before = {r.name: r.distance.ks for r in matched.before}
    after = {r.name: r.distance.ks for r in matched.after}
    for name in ("edge_px", "jpeg_quality", "plate_px"):
        assert after[name] < 0.85 * before[name]
    assert np.mean(list(after.values())) < 0.9 * np.mean(list(before.values()))


def test_what_does_nothing_is_left_alone(matched: Matched) -> None:
    assert "camera.sensor.bits" not in matched.overrides
    assert matched.drives["camera.jpeg.quality"][0] in ("jpeg_quality", "block", "block_any")
    assert "edge_px" in matched.drives["camera.defocus.sigma_px"]


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(w) for w in words])
    return done.exit_code, done.output


def test_match_with_a_dataset(photographs: Path, ours: Path, tmp_path: Path) -> None:
    """Two runs write the same bytes; the file is a configuration; nothing is overwritten."""
    words = ("match", photographs, "--probes", ours, "--fit", "camera", "--fit", "crop")
    code, said = run(*words, "-o", tmp_path / "a.json")
    assert code == 0, said
    assert "effective samples" in said
    assert run(*words, "-o", tmp_path / "b.json")[0] == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    overrides = read_overrides(tmp_path / "a.json")
    assert "camera.jpeg.quality" in overrides
    assert all(p.startswith(("camera.", "crop.")) for p in overrides)
    overrides_of(Config(overrides=overrides))
    about = json.loads((tmp_path / "a.json").read_text())["$about"]
    assert about["photographs"] == 60
    # An estimate from weighted samples: with so few of them it errs by 0.02 either way.
    assert about["mean KS after"] < about["mean KS before"] + 0.03
    code, said = run(*words, "-o", tmp_path / "a.json")
    assert code == 2
    assert "exists already" in said


def test_gap(photographs: Path, ours: Path, tmp_path: Path) -> None:
    """The shifted quantities come first; the picture and the numbers are written."""
    code, said = run("gap", ours, photographs, "-o", tmp_path / "gap")
    assert code == 0, said
    found = json.loads((tmp_path / "gap.json").read_text())
    first = [q["quantity"] for q in found["quantities"][:8]]
    assert {"edge_px", "jpeg_quality"} <= set(first)
    assert found["quantities"][0]["beyond_chance"]
    with Image.open(tmp_path / "gap.png") as chart:
        assert chart.width > 1000
        assert len(np.unique(np.asarray(chart.convert("RGB")).reshape(-1, 3), axis=0)) > 50
    assert run("gap", ours, photographs, "-o", tmp_path / "gap")[0] == 2


def test_gap_of_a_dataset_with_itself(ours: Path, tmp_path: Path) -> None:
    code, said = run("gap", ours, ours, "--illegible", "-o", tmp_path / "same")
    assert code == 0, said
    found = json.loads((tmp_path / "same.json").read_text())
    assert found["mean_ks"] < 0.01


def few(photographs: Path, root: Path, count: int) -> Path:
    root.mkdir()
    for path in sorted(photographs.iterdir())[:count]:
        (root / path.name).write_bytes(path.read_bytes())
    return root


def test_errors_are_for_people(photographs: Path, ours: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    nine = few(photographs, tmp_path / "nine", 9)
    out = ("-o", tmp_path / "c.json")
    cases = (
        (("gap", ours, empty), "no picture"),
        (("gap", ours, tmp_path / "none"), "no such folder"),
        (("gap", empty, photographs), "manifest.json"),
        (("gap", ours, photographs, "--kind", "frame"), "unknown kind"),
        (("match", photographs, *out), "say what to fit with"),
        (("match", nine, "--probes", ours, *out), "too few"),
        (("match", photographs, "--probes", ours, "--fit", "camera.x", *out), "no such parameter"),
        (("match", photographs, "--design", "sri_lanka", "-n", "5", *out), "-n 5"),
        (("match", photographs, "--design", "atlantis", *out), "atlantis"),
        (("match", photographs, "--probes", ours, "-o", tmp_path / "c.txt"), ".json"),
    )
    for words, text in cases:
        code, said = run(*words)
        assert (code, text in said) == (2, True), said
    assert not (tmp_path / "c.json").exists()


def test_few_photographs_are_told(photographs: Path, ours: Path, tmp_path: Path) -> None:
    some = few(photographs, tmp_path / "some", 24)
    code, said = run("match", some, "--probes", ours, "-o", tmp_path / "few.json")
    assert code == 0, said
    assert "only 24 photographs" in said
