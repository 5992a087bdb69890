# SPDX-License-Identifier: Apache-2.0
"""Faces and drawings of a design's own: part of a dataset's identity, and kept with it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from making import Notes, digest, make, spec_of
from test_cli import program

from anprgen import manifest as manifests
from anprgen.build import build
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.design import load_design
from anprgen.errors import AnprgenError, DatasetError, DesignError
from anprgen.light_store import LightSource
from anprgen.merge import merge
from anprgen.pipeline import make_plan
from anprgen.remote import Remote
from anprgen.reproduce import reproduce
from anprgen.resources import fonts_dir
from anprgen.share import Share
from anprgen.starter import write_starter

DISC = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'.format(
    '<circle cx="5" cy="5" r="{r}" fill="#0000ff"/>'
)
FACE, ART = "mine.ttf", "drawn/mine.svg"


def fill(folder: Path, face: str = "fe_eng", r: int = 5) -> None:
    """The files of a design of `own`."""
    (folder / "drawn").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fonts_dir() / f"{face}.ttf", folder / FACE)
    (folder / ART).write_text(DISC.format(r=r), "utf-8")


def own(folder: Path, name: str = "wonderland", **files: object) -> Path:
    """A design with a face and a drawing of its own, in its folder."""
    fill(folder, **files)
    path = write_starter(name, folder)
    data = json.loads(path.read_text("utf-8").replace('"fe_eng"', f'"{FACE}"'))
    art = {"kind": "art", "name": ART, "box_mm": [10, 10, 40, 40]}
    data["layouts"]["one_line"]["elements"].append(art)
    path.write_text(json.dumps(data), "utf-8")
    return path


def built(root: Path, n: int, *designs: Path | str) -> Path:
    make(root, n, real=True, designs=tuple((str(d), 1.0) for d in designs))
    return root


def forget(root: Path, *, copies: bool = True) -> None:
    """Makes a dataset one of the time before datasets knew the files of their designs."""
    made = manifests.read(root)
    identity = {k: v for k, v in made.identity.items() if k != manifests.DESIGN_FILES}
    manifests.write(root, replace(made, identity=identity))
    for folder in [p for p in (root / "designs").iterdir() if p.is_dir() and copies]:
        (folder / f"{folder.name}.json").rename(root / "designs" / f"{folder.name}.json")
        shutil.rmtree(folder)


def shows(root: Path, tmp_path: Path, *samples: int) -> None:
    """The dataset's samples can be made again, and are the same."""
    for index in samples:
        assert reproduce(Dataset.open(root), str(index), tmp_path / "shown").equal


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"face": "pl_plate"}, FACE), ({"r": 3}, ART)],
)
def test_a_dataset_with_a_changed_file_is_not_continued(
    tmp_path: Path, changed: dict[str, object], field: str
) -> None:
    design = own(tmp_path / "own")
    root = built(tmp_path / "d", 2, design)
    fill(design.parent, **changed)
    with pytest.raises(DatasetError, match=rf"design_files\.wonderland\.{field}: \w+"):
        built(root, 4, design)
    fill(design.parent)
    built(root, 4, design)
    digest(root)


def test_a_changed_file_is_drawn_at_once(tmp_path: Path) -> None:
    design = own(tmp_path)
    before = load_design(str(design))
    assert load_design(str(design)) is before
    fill(tmp_path, "pl_plate", 3)
    after = load_design(str(design))
    assert sorted(after.files) == [ART, FACE]
    assert not set(before.files.values()) & set(after.files.values())
    plan = make_plan(Config(renderer="flat", designs=((str(design), 1.0),)))
    shot = plan.shot(0)
    # A design goes on with the files that it was read with, or not at all.
    fill(tmp_path, "sk_plate", 4)
    assert plan.artworks(shot)[0].characters
    with pytest.raises(AnprgenError, match="changed after the design was read"):
        replace(plan, designs=((before, 1.0),)).artworks(shot)


def test_datasets_know_the_shipped_drawings_they_show(tmp_path: Path) -> None:
    root = built(tmp_path / "d", 2, "germany")
    known = manifests.read(root).identity[manifests.DESIGN_FILES]
    assert "eu_stars" in known["germany"]
    assert not list((root / "designs").glob("*/"))
    made = manifests.read(root)
    known["germany"]["eu_stars"] = "0" * 64
    manifests.write(root, replace(made, identity={**made.identity, "design_files": known}))
    with pytest.raises(DatasetError, match=r"design_files\.germany\.eu_stars: 0000"):
        built(root, 4, "germany")
    said = reproduce(Dataset.open(root), "1", tmp_path / "shown").notes
    assert any("design_files.germany.eu_stars: 0000" in line for line in said)


def test_designs_without_files_have_the_identity_they_had(tmp_path: Path) -> None:
    design = write_starter("plain", tmp_path)
    plan = make_plan(Config(renderer="flat", designs=((str(design), 1.0),)))
    assert set(plan.identity()) == {"config", "designs", "fonts", "scene", "anprgen"}


@pytest.mark.parametrize("shipped", [True, False])
def test_an_older_dataset_is_continued_and_knows_its_files_then(
    tmp_path: Path, shipped: bool
) -> None:
    design = "germany" if shipped else own(tmp_path / "own")
    root = built(tmp_path / "d", 2, design)
    (root / "light").mkdir()
    forget(root)
    source = LightSource.open(root).identity()
    assert manifests.DESIGN_FILES not in manifests.read(root).identity
    built(root, 4, design)
    assert manifests.read(root) == replace(
        manifests.read(built(tmp_path / "whole", 4, design)), info=manifests.read(root).info
    )
    # A dataset that was made from its light names its digest.
    assert LightSource.open(root).identity()["dataset"] == source["dataset"]
    shows(root, tmp_path, 0, 3)


def test_a_dataset_makes_its_samples_again_without_the_design(tmp_path: Path) -> None:
    design = own(tmp_path / "own")
    root = built(tmp_path / "d", 2, design)
    shutil.rmtree(design.parent)
    (tmp_path / "else").mkdir()
    shown = program("show", root, "1", cwd=tmp_path / "else")
    assert shown.returncode == 0, shown.stderr
    assert "bit-equal" in shown.stdout
    assert (root / "designs" / "wonderland" / ART).is_file()


def test_a_copy_that_is_not_what_it_was_is_told(tmp_path: Path) -> None:
    root = built(tmp_path / "d", 1, own(tmp_path / "own"))
    kept = root / "designs" / "wonderland"
    (kept / FACE).write_bytes((fonts_dir() / "pl_plate.ttf").read_bytes())
    (kept / ART).unlink()
    with pytest.raises(DatasetError, match=f"drawn from {ART}, {FACE}, and") as e:
        shows(root, tmp_path, 0)
    assert str(kept) in str(e.value.hint)
    fill(kept)
    shows(root, tmp_path, 0)


def test_an_older_dataset_tells_what_it_lacks(tmp_path: Path) -> None:
    root = built(tmp_path / "d", 1, own(tmp_path / "own"))
    forget(root)
    with pytest.raises(DatasetError, match=f"drawn from {ART}, {FACE}, and") as e:
        shows(root, tmp_path, 0)
    assert str(root / "designs") in str(e.value.hint)
    fill(root / "designs")
    shows(root, tmp_path, 0)


def both(root: Path) -> tuple[Path, Path]:
    """Two designs whose files have the same names and other contents."""
    return own(root / "a", "first"), own(root / "b", "second", face="pl_plate", r=3)


def test_two_designs_may_have_files_of_one_name(tmp_path: Path) -> None:
    designs = both(tmp_path)
    root = built(tmp_path / "d", 8, *designs)
    merge([root], tmp_path / "joined")
    for folder in (tmp_path / "a", tmp_path / "b", root):
        shutil.rmtree(folder)
    made = {
        r["plates"][0]["design"]: r["index"] for r in Dataset.open(tmp_path / "joined").records()
    }
    assert set(made) == {"first", "second"}
    shows(tmp_path / "joined", tmp_path, *made.values())


def test_parts_of_two_faces_are_not_joined_through_one_that_knows_none(tmp_path: Path) -> None:
    design = own(tmp_path / "own")
    spec = spec_of(tmp_path / "1", real=True, designs=((str(design), 1.0),))
    build(spec, 1, Notes(), workers=1, share=Share(1, 3))
    forget(tmp_path / "1")
    places = [tmp_path / "1", built(tmp_path / "2", 1, design)]
    merge(places, tmp_path / "joined")
    assert manifests.read(tmp_path / "joined").identity == manifests.read(places[1]).identity
    fill(design.parent, r=3)
    other = built(tmp_path / "3", 1, design)
    for parts in ([tmp_path / "1", other, places[1]], [places[0], places[1], other]):
        with pytest.raises(DatasetError, match=r"design_files\.wonderland\.drawn/mine\.svg"):
            merge(parts, tmp_path / "never")
    with pytest.raises(DatasetError, match=r"design_files\.wonderland\.drawn/mine\.svg"):
        merge([other], tmp_path / "joined")


def test_object_storage_takes_them_along(tmp_path: Path) -> None:
    designs = both(tmp_path)
    url = f"memory://plates-{tmp_path.name}"
    spec = spec_of(tmp_path / "scratch", real=True, designs=tuple((str(d), 1.0) for d in designs))
    build(spec, 4, Notes(), workers=1, remote=Remote(url))
    other = replace(spec, root=tmp_path / "other")
    build(other, 5, Notes(), workers=1, remote=Remote(url))
    for folder in ("a", "b", "scratch", "other"):
        shutil.rmtree(tmp_path / folder)
    merge([url], tmp_path / "joined")
    shows(tmp_path / "joined", tmp_path, *range(5))


@pytest.mark.parametrize(
    "name", ["../mine.ttf", "/fonts/mine.ttf", "a/../../mine.ttf", "C:/mine.ttf", "a\\mine.ttf"]
)
def test_files_lie_in_the_design_s_folder(tmp_path: Path, name: str) -> None:
    path = own(tmp_path / "own")
    path.write_text(path.read_text("utf-8").replace(FACE, json.dumps(name)[1:-1]), "utf-8")
    with pytest.raises(DesignError, match=r"leads out of.*") as e:
        load_design(str(path))
    assert str(e.value.where).endswith("$.layouts.one_line.elements[1].face")
    assert e.value.hint


def test_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = own(tmp_path)
    monkeypatch.setattr("anprgen.design_files.MOST_BYTES", 100)
    with pytest.raises(DesignError, match=f"'{FACE}'.* larger than") as e:
        load_design(str(path))
    assert str(e.value.where).endswith(".face")


def test_options_draw_from_files_too(tmp_path: Path) -> None:
    path = own(tmp_path)
    data = json.loads(path.read_text("utf-8"))
    art = data["layouts"]["one_line"]["elements"][-1]
    names = ["drawn/mine.svg", "other.SVG", "eu_stars"]
    art["options"] = [{"weight": 1, "name": name} for name in names]
    path.write_text(json.dumps(data), "utf-8")
    shutil.copyfile(tmp_path / ART, tmp_path / "other.SVG")
    assert set(load_design(str(path)).files) == {FACE, *names}
    shutil.move(tmp_path, tmp_path.with_name("moved"))
    root = built(tmp_path.with_name("moved") / "d", 6, tmp_path.with_name("moved") / path.name)
    shows(root, root, 0, 5)
