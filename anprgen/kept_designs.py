# SPDX-License-Identifier: Apache-2.0
"""Designs as they were when a dataset was made, so that its samples can be made again.

``OUT/designs/<name>.json``, or of a design with faces and drawings of its own a folder that holds
all of it: ``OUT/designs/<name>/{<name>.json, mine.ttf, ...}``. Two designs may so have different
files of one name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from anprgen import design_files
from anprgen.design import PlateDesign, load_design
from anprgen.errors import AnprgenError, DatasetError
from anprgen.files import inside, write_bytes

FOLDER = "designs"


def keep(root: Path, designs: Iterable[PlateDesign]) -> None:
    """Stores designs in the dataset in `root`, each file once.

    Raises:
        DatasetError: a file was changed since the design was read.
    """
    for design in designs:
        own = sorted(filter(design_files.is_own, design.files))
        folder = root / FOLDER / (design.name if own else "")
        folder.mkdir(parents=True, exist_ok=True)
        for name in own:
            target = inside(folder, name)
            if target.exists():
                continue
            source = Path(design.path).parent / name
            data = design_files.read(source, design.files[name], DatasetError)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(target, data)
        target = folder / f"{design.name}.json"
        if not target.exists():
            write_bytes(target, Path(design.path).read_bytes())


def kept(root: Path) -> dict[str, Path]:
    """The files of kept designs, by their names in the folder of designs."""
    folder = root / FOLDER
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".json", *design_files.OWN) and path.is_file()
    }


def find(root: Path, name: str, digest: str, files: Mapping[str, str] | None) -> str:
    """Where the design `name` of the dataset in `root` is as it was: shipped, or kept there.

    `digest` is that of its JSON, `files` are those of what it is drawn from; None where the
    dataset does not know them.

    Raises:
        DatasetError: it is neither, or files of its own are missing or others.
    """
    alone = root / FOLDER / f"{name}.json"
    lacking: tuple[list[str], Path] | None = None
    for place in (name, str(root / FOLDER / name / f"{name}.json"), str(alone)):
        try:
            design = load_design(place)
        except AnprgenError:
            continue
        if design.digest != digest:
            continue
        if not (names := _lacking(design, files)):
            return place
        lacking = lacking or (names, Path(design.path).parent)
    if lacking:
        raise DatasetError(
            f"the design {name} is drawn from {', '.join(lacking[0])}, and the dataset holds no"
            " copy as it was",
            where=str(root),
            hint=f"put the files of that time into {lacking[1]}",
        )
    raise DatasetError(
        f"the design {name} is not what it was when the dataset was made",
        where=str(root),
        hint=f"put the file of that time at {alone}",
    )


def _lacking(design: PlateDesign, files: Mapping[str, str] | None) -> list[str]:
    """Files of its own that a design lacks or that are others than they were."""
    if files is None:
        wrong = {name for _, name in design_files.all_named(design)} - set(design.files)
    else:
        wrong = {name for name, digest in files.items() if design.files.get(name) != digest}
    return sorted(filter(design_files.is_own, wrong))
