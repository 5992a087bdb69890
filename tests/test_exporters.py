# SPDX-License-Identifier: Apache-2.0
"""Folders of exports: whose they are, what is missing, same bytes again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from making import write_by_hand
from typer.testing import CliRunner

from anprgen import exporters, manifest
from anprgen.cli import app
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, MissingLibrary
from anprgen.exporters import export
from anprgen.exporters.options import Options
from anprgen.share import Share

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


ALL = sorted(exporters._OURS)
#: Formats of single pictures, and of the dataset `detect`; the others are of whole sequences.
PICTURES = sorted(exporters._OURS.keys() - exporters._VIDEO.keys())


def made_for(to: str, request: pytest.FixtureRequest) -> Dataset:
    """A dataset that a format fits."""
    found: Dataset = request.getfixturevalue("sequence" if to in exporters._VIDEO else "detect")
    return found


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("to", ALL)
def test_a_second_export_has_the_same_bytes(
    to: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    dataset = made_for(to, request)
    first = export(dataset, to, tmp_path / "a")
    before = bytes_of(tmp_path / "a")
    assert first.files == len(before) - 1  # All but export.json.
    export(dataset, to, tmp_path / "a")
    assert bytes_of(tmp_path / "a") == before
    export(dataset, to, tmp_path / "b", Options(link=True))
    assert bytes_of(tmp_path / "b") == before
    export(dataset, to, tmp_path / "b", Options(link=True))
    assert bytes_of(tmp_path / "b") == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("to", ALL)
def test_an_export_changes_no_byte_of_its_dataset(
    to: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    dataset = made_for(to, request)
    before = bytes_of(dataset.root)
    export(dataset, to, tmp_path / "a", Options(link=True))
    shutil.rmtree(tmp_path / "a")
    assert bytes_of(dataset.root) == before


def test_another_folder_is_never_overwritten(ocr: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    export(ocr, "yolo-detect", tmp_path / "yolo")
    before = bytes_of(tmp_path)
    for name in ("mine", "file", "yolo"):
        with pytest.raises(DatasetError):
            export(ocr, "coco", tmp_path / name)
    for folder in (ocr.root, ocr.root / "shards", ocr.root.parent):
        with pytest.raises(DatasetError, match="in or around"):
            export(ocr, "coco", folder)
    assert bytes_of(tmp_path) == before


def test_files_of_others_stay_in_an_export(ocr: Dataset, tmp_path: Path) -> None:
    export(ocr, "yolo-detect", tmp_path / "y")
    (tmp_path / "y" / "labels" / "train.cache").write_text("a trainer's")
    export(ocr, "yolo-detect", tmp_path / "y")
    assert (tmp_path / "y" / "labels" / "train.cache").read_text() == "a trainer's"


def test_a_smaller_export_removes_its_own_files_only(ocr: Dataset, tmp_path: Path) -> None:
    export(ocr, "coco", tmp_path / "y")
    export(ocr, "coco", tmp_path / "y", Options(splits=("val",)))
    export(ocr, "coco", tmp_path / "z", Options(splits=("val",)))
    assert bytes_of(tmp_path / "y") == bytes_of(tmp_path / "z")


def test_an_export_is_replaced_by_its_own_dataset_alone(tmp_path: Path) -> None:
    own = write_by_hand(tmp_path / "own", 12)
    export(own, "coco", tmp_path / "y")
    before = bytes_of(tmp_path / "y")
    other = write_by_hand(tmp_path / "other", 12, seed=1)
    with pytest.raises(DatasetError, match=r"an export to coco of another dataset\n.*-o"):
        export(other, "coco", tmp_path / "y")
    part = Dataset(own.root, replace(own.manifest, share=Share(1, 2)))
    with pytest.raises(DatasetError, match="of another dataset"):
        export(part, "coco", tmp_path / "y", Options(partial=True))
    assert bytes_of(tmp_path / "y") == before
    grown = write_by_hand(tmp_path / "own", 25)
    shutil.move(grown.root, tmp_path / "elsewhere")  # a dataset that grew and moved is the same
    export(Dataset.open(tmp_path / "elsewhere"), "coco", tmp_path / "y")
    assert len(bytes_of(tmp_path / "y")) > len(before)


def test_a_dataset_that_learns_of_its_drawings_replaces_its_own_export(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path / "d", 12)
    assert manifest.DESIGN_FILES not in have.manifest.identity
    export(have, "coco", tmp_path / "out")
    learnt = {**have.manifest.identity, manifest.DESIGN_FILES: {"x": {"a": "0" * 64}}}
    manifest.write(have.root, replace(have.manifest, identity=learnt))
    assert export(Dataset.open(have.root), "coco", tmp_path / "out").files


def test_a_marker_cannot_delete_files_outside(ocr: Dataset, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("x")
    export(ocr, "coco", tmp_path / "y")
    marker = tmp_path / "y" / "export.json"
    data = json.loads(marker.read_text())
    marker.write_text(json.dumps({**data, "files": [*data["files"], "../victim"]}))
    with pytest.raises(DatasetError):
        export(ocr, "coco", tmp_path / "y")
    assert victim.exists()


def test_an_unfinished_dataset_says_what_is_missing(ocr: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    manifest.write(root, manifest.read(root).asked_for(300))
    with pytest.raises(DatasetError, match=r"240 of 300 samples.*0\.\.249, 250\.\.299"):
        export(Dataset.open(root), "coco", tmp_path / "e")
    assert not (tmp_path / "e").exists()
    notes = export(Dataset.open(root), "coco", tmp_path / "e", Options(partial=True)).notes
    assert notes[0].startswith("240 of 300")


def test_a_picture_that_is_gone_is_named(ocr: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    next(root.rglob("*.jpg")).unlink()
    with pytest.raises(DatasetError, match="picture of the dataset is gone"):
        export(Dataset.open(root), "paddleocr-rec", tmp_path / "e")
    assert not (tmp_path / "e").exists()


_PLUGIN = """
def export(dataset, staging, options):
    texts = [r["plates"][0]["ocr_text"] for r in staging.pictures(dataset)]
    staging.text("texts.txt", " ".join(texts))
"""


def test_another_distribution_adds_a_format(
    ocr: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed as pip does it: a module, and beside it the metadata with an entry point."""
    site = tmp_path / "site"
    (site / "plate_texts-1.0.dist-info").mkdir(parents=True)
    (site / "plate_texts.py").write_text(_PLUGIN)
    about = "Metadata-Version: 2.1\nName: plate-texts\nVersion: 1.0\n"
    (site / "plate_texts-1.0.dist-info/METADATA").write_text(about)
    points = "[anprgen.exporters]\ntexts = plate_texts:export\n"
    (site / "plate_texts-1.0.dist-info/entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(site)
    assert exporters.names() == sorted([*ALL, "texts"])
    assert "texts" in exporters.fitting(ocr)
    said = CliRunner().invoke(
        app, ["export", str(ocr.root), "--to", "texts", "-o", str(tmp_path / "t")]
    )
    assert said.exit_code == 0, said.output
    assert len((tmp_path / "t" / "texts.txt").read_text().split()) == 60
    with pytest.raises(DatasetError, match="did you mean texts"):
        exporters.find("text")


def test_all_writes_what_fits(
    ocr: Dataset,
    detect: Dataset,
    sequence: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readers, both = set(exporters._READERS), set(exporters._BOTH)
    assert set(exporters.fitting(ocr)) == readers | both
    assert set(exporters.fitting(detect)) == set(PICTURES)
    assert set(exporters.fitting(sequence)) == set(ALL)
    separate = Options(lines="separate", splits=("test",))
    assert set(exporters.fitting(detect, separate)) == readers
    assert set(exporters.fitting(sequence, separate)) == readers
    monkeypatch.setitem(sys.modules, "lmdb", None)
    done = dict(exporters.export_all(ocr, tmp_path / "x", separate))
    assert set(done) == readers | {"croissant", "hf-parquet"}
    assert isinstance(done.pop("lmdb"), MissingLibrary)
    assert {p.name for p in (tmp_path / "x").iterdir()} == set(done)
    export(ocr, "mmocr", tmp_path / "alone", separate)
    assert bytes_of(tmp_path / "alone") == bytes_of(tmp_path / "x" / "mmocr")


def test_an_unknown_format_lists_all(ocr: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        export(ocr, "cocoo", tmp_path / "x")
    assert all(name in str(error.value) for name in ALL)
    assert "did you mean coco" in str(error.value)


_FULL = """
import json, resource, sys
from pathlib import Path
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import _OURS, _VIDEO, export
*roots, out = map(Path, sys.argv[1:])
frames, sequences = map(Dataset.open, roots)
made_for = {name: sequences if name in _VIDEO else frames for name in _OURS}
# Libraries are loaded, and what Python caches of them is written.
for name, dataset in made_for.items():
    export(dataset, name, out / "before" / name)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))
said = {}
for name, dataset in made_for.items():
    try:
        export(dataset, name, out / "after" / name)
        said[name] = "written"
    except DatasetError as e:
        said[name] = str(e)
    except BaseException as e:
        said[name] = f"!{e!r}"
print(json.dumps(said))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of that kind")
def test_a_disk_that_refuses_is_told_in_plain_words(
    detect: Dataset, sequence: Dataset, tmp_path: Path
) -> None:
    """The system refuses files beyond 500 bytes, wherever a format or its library writes them."""
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(detect.root), str(sequence.root), str(tmp_path)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert sorted(said) == ALL
    assert {name: text for name, text in said.items() if "cannot" not in text} == {}
    assert not list((tmp_path / "after").iterdir())
