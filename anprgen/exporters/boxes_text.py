# SPDX-License-Identifier: Apache-2.0
"""Boxes as text: KITTI of 15 fields for TAO's detectors, and Pascal VOC's XML."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

from anprgen.dataset import Dataset
from anprgen.exporters.frames import Frame, frames, place
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging

_LABELMAP = "# label:color_rgb:parts:actions\nbackground:0,0,0::\nplate:128,0,0::\n"


def kitti(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/images`` and ``<split>/labels`` with ``lpd 0.00 0 0.00 x1 y1 x2 y2`` and zeros.

    TAO wants 15 fields; a sixteenth (a score) is refused.
    """
    counts = dict.fromkeys(staging.splits, 0)
    sizes = set()
    for frame in frames(dataset, staging, options):
        counts[frame.split] += 1
        sizes.add((frame.width, frame.height))
        place(dataset, staging, frame, f"{frame.split}/images/{frame.stem}{frame.suffix}")
        lines = []
        for o in frame.objects:
            box = " ".join(f"{v:.2f}" for v in o.box)
            lines.append(f"lpd 0.00 0 0.00 {box}" + " 0.00" * 7 + "\n")
        staging.text(f"{frame.split}/labels/{frame.stem}.txt", "".join(lines))
    staging.tell_empty(counts)
    if len(sizes) > 1:
        staging.note("DetectNet_v2 wants pictures of one size; build with a fixed frame.size")


def voc(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``JPEGImages``, ``Annotations`` and ``ImageSets/Main``; px are whole and counted from 1.

    ``labelmap.txt`` declares the class: CVAT and Datumaro know none but VOC's own without it.
    """
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for frame in frames(dataset, staging, options):
        lists[frame.split].append(frame.stem)
        place(dataset, staging, frame, f"JPEGImages/{frame.stem}{frame.suffix}")
        staging.text(f"Annotations/{frame.stem}.xml", _voc_xml(frame))
    staging.text("labelmap.txt", _LABELMAP)
    for split, stems in lists.items():
        staging.text(f"ImageSets/Main/{split}.txt", "".join(f"{stem}\n" for stem in stems))
    staging.tell_empty({split: len(stems) for split, stems in lists.items()})


def _voc_xml(frame: Frame) -> str:
    root = ET.Element("annotation")
    ET.SubElement(root, "folder").text = "JPEGImages"
    ET.SubElement(root, "filename").text = f"{frame.stem}{frame.suffix}"
    size = ET.SubElement(root, "size")
    for key, value in (("width", frame.width), ("height", frame.height), ("depth", 3)):
        ET.SubElement(size, key).text = str(value)
    ET.SubElement(root, "segmented").text = "0"
    for o in frame.objects:
        element = ET.SubElement(root, "object")
        ET.SubElement(element, "name").text = "plate"
        ET.SubElement(element, "pose").text = "Unspecified"
        ET.SubElement(element, "truncated").text = str(int(o.plate["truncated"]))
        ET.SubElement(element, "difficult").text = str(int(o.plate["legibility"] == "illegible"))
        box = ET.SubElement(element, "bndbox")
        x0, y0, x1, y1 = o.box
        # The px that the box touches: the first has number 1.
        whole = (math.floor(x0) + 1, math.floor(y0) + 1, math.ceil(x1), math.ceil(y1))
        for key, value in zip(("xmin", "ymin", "xmax", "ymax"), whole):
            ET.SubElement(box, key).text = str(value)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"
