# SPDX-License-Identifier: Apache-2.0
"""CVAT for images 1.1: a polygon a plate, with its text as a declared attribute."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from anprgen.dataset import Dataset
from anprgen.exporters.frames import frames, place
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import quad_inside

_ATTRIBUTES = ("text", "legibility", "design")


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes images/<split>/ and annotations.xml; `subset` of an image is its split."""
    root = ET.Element("annotations")
    ET.SubElement(root, "version").text = "1.1"
    _labels(root)
    for frame in frames(dataset, staging, options):
        name = f"images/{frame.split}/{frame.stem}{frame.suffix}"
        place(dataset, staging, frame, name)
        image = ET.SubElement(
            root, "image", id=str(frame.record["index"]), name=name, subset=frame.split,
            width=str(frame.width), height=str(frame.height),
        )  # fmt: skip
        for o in frame.objects:
            points = quad_inside(o.plate, frame.width, frame.height)
            polygon = ET.SubElement(
                image, "polygon", label="plate", source="manual",
                occluded=str(int(o.plate["truncated"])), z_order="0",
                points=";".join(f"{x:.2f},{y:.2f}" for x, y in points),
            )  # fmt: skip
            values = {"text": o.text, **{k: str(o.plate[k]) for k in _ATTRIBUTES[1:]}}
            for key in _ATTRIBUTES:
                ET.SubElement(polygon, "attribute", name=key).text = values[key]
    ET.indent(root)
    staging.text(
        "annotations.xml",
        '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n",
    )


def _labels(root: ET.Element) -> None:
    """CVAT drops attributes that are not declared."""
    task = ET.SubElement(ET.SubElement(root, "meta"), "task")
    label = ET.SubElement(ET.SubElement(task, "labels"), "label")
    ET.SubElement(label, "name").text = "plate"
    attributes = ET.SubElement(label, "attributes")
    for key in _ATTRIBUTES:
        attribute = ET.SubElement(attributes, "attribute")
        ET.SubElement(attribute, "name").text = key
        ET.SubElement(attribute, "mutable").text = "False"
        ET.SubElement(attribute, "input_type").text = "text"
        ET.SubElement(attribute, "default_value").text = ""
        ET.SubElement(attribute, "values").text = ""
