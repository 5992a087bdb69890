# SPDX-License-Identifier: Apache-2.0
"""Makes one sample of a dataset again, from its manifest alone, and compares."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from anprgen import __version__
from anprgen import manifest as manifests
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.files import canonical, disk_errors, write_bytes, write_text
from anprgen.kept_designs import find
from anprgen.light_store import LightSource, LightStore
from anprgen.pipeline import make_plan
from anprgen.preview import draw_labels
from anprgen.renderers.opening import folders_of, open_renderer
from anprgen.samples import BESIDE, Record, completed, decode

#: Keys that say where a record was made, or that repeat its pixels.
_OWN = ("image", *BESIDE)


@dataclass(frozen=True)
class Comparison:
    """How the new picture and record compare with the stored ones, and where they were written."""

    picture: Path
    pixels_equal: bool
    labels_equal: bool
    differing_px: int
    largest: int  # difference of one channel, 0..255
    notes: list[str]

    @property
    def equal(self) -> bool:
        return self.pixels_equal and self.labels_equal

    def __str__(self) -> str:
        if self.equal:
            return "bit-equal, pixels and labels"
        labels = "equal" if self.labels_equal else "different"
        if self.pixels_equal:
            return f"pixels bit-equal, labels {labels}"
        if self.differing_px < 0:
            return "the picture has another size"
        return f"{self.differing_px} px differ, by up to {self.largest} of 255"


def _lights(dataset: Dataset, config: Config) -> LightStore:
    """The store with the light that the dataset was made from, as it was then."""
    if not config.light_from:
        return LightStore()
    root = Path(str(dataset.manifest.info.get("light_from")))
    source = LightSource.open(root)
    source = replace(source, renders=min(source.renders, int(config.light_from["renders"])))
    if source.identity() != dict(config.light_from):
        raise DatasetError(
            "this is not the dataset whose light was photographed",
            where=str(root),
            hint="make it again by its own recipe",
        )
    return LightStore(source)


def config_of(dataset: Dataset) -> Config:
    """The configuration of a dataset, with designs as they were when it was made.

    Raises:
        DatasetError: a design, or a file that it names, is neither shipped nor stored as it was.
    """
    config = dataset.manifest.config()
    digests = dataset.manifest.identity["designs"]
    files = dataset.manifest.identity.get(manifests.DESIGN_FILES)
    return replace(
        config,
        designs=tuple(
            (find(dataset.root, n, digests[n], None if files is None else files.get(n, {})), w)
            for n, w in config.designs
        ),
        hdri_folder=str(dataset.manifest.info.get("hdri_folder", "")),
        background_folder=str(dataset.manifest.info.get("background_folder", "")),
    )


def _labels(record: Record) -> str:
    return canonical({key: value for key, value in record.items() if key not in _OWN})


def reproduce(
    dataset: Dataset,
    sample: str,
    out: Path,
    *,
    device: str = "auto",
    executable: Path | None = None,
) -> Comparison:
    """Makes `sample` again and writes picture, record and an overlay of its labels into `out`.

    Raises:
        AnprgenError: no such sample, or it cannot be made here.
    """
    stored = dataset.record(sample)
    try:
        before = decode(dataset.image_path(stored).read_bytes())
    except (OSError, ValueError) as e:
        raise DatasetError(f"{stored['image']['file']}: {e}", hint="run anprgen verify") from None
    config = config_of(dataset)
    plan = make_plan(config)
    own = folders_of(config)
    with open_renderer(config.renderer, device, None, executable, **own) as renderer:
        here = manifests.renderer_identity(renderer.name, renderer.describe())
        made = plan.sample(stored["index"], renderer, lights=_lights(dataset, config))
    folder = stored["image"]["file"].rpartition("/")[0]
    record, _ = completed(made.record, made.image, folder, config.seed, manifests.device_key(here))
    pixels = decode(made.image)
    there = dataset.manifest.renderers.get(stored["device"], {})
    notes = [f"renderer.{line}" for line in manifests.differences(there, here)]
    if plan.identity()["fonts"] != dataset.manifest.identity["fonts"]:
        notes.append("the faces in fonts/ are not those of the dataset")
    notes += manifests.differences(
        *(
            {k: v for k, v in identity.items() if k == manifests.DESIGN_FILES}
            for identity in (dataset.manifest.identity, plan.identity())
        )
    )
    if (version := dataset.manifest.info.get("anprgen")) != __version__:
        notes.append(f"the dataset was made by anprgen {version}, this is {__version__}")
    difference = (
        np.abs(pixels.astype(int) - before) if pixels.shape == before.shape else np.array(255)
    )
    picture = out / Path(stored["image"]["file"]).name
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        write_bytes(picture, made.image)
        text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True)
        write_text(picture.with_suffix(".json"), text + "\n")
        overlay = Image.fromarray(draw_labels(pixels, record))
        overlay.save(picture.with_name(f"{picture.stem}-labels.png"))
    return Comparison(
        picture,
        pixels_equal=np.array_equal(pixels, before),
        labels_equal=_labels(record) == _labels(stored),
        differing_px=int(np.count_nonzero(difference.reshape(-1, 3).max(1)))
        if difference.ndim
        else -1,
        largest=int(difference.max()),
        notes=notes,
    )
