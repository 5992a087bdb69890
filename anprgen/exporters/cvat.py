# SPDX-License-Identifier: Apache-2.0
"""CVAT for images 1.1: a polygon a plate, with its text as a declared attribute.

A file a split: CVAT reads every XML of an upload, and other readers take the file's name as the
name of the subset. Names of pictures are relative to ``images``, as in CVAT's own exports.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from contextlib import ExitStack, closing

from anprgen.dataset import Dataset
from anprgen.exporters.frames import Frame, frames, place
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import quad_inside

_ATTRIBUTES = ("text", "legibility", "design")


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes images/<split>/ and <split>.xml."""
    with ExitStack() as stack:
        files = {s: stack.enter_context(closing(_File(staging, s))) for s in staging.splits}
        for frame in frames(dataset, staging, options):
            place(dataset, staging, frame, f"images/{frame.split}/{frame.stem}{frame.suffix}")
            files[frame.split].add(frame)
    staging.tell_empty({split: file.count for split, file in files.items()})


class _File:
    """One split's XML, written picture by picture."""

    def __init__(self, staging: Staging, split: str) -> None:
        self.count = 0
        path = staging.file(f"{split}.xml")
        self._file = path.open("w", encoding="utf-8", newline="\n")
        head = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        self._file.write(head)
        self._write(_meta())

    def add(self, frame: Frame) -> None:
        # CVAT numbers pictures of a task from 0, in the order of their names.
        image = ET.Element(
            "image", id=str(self.count), name=f"{frame.split}/{frame.stem}{frame.suffix}",
            subset=frame.split, width=str(frame.width), height=str(frame.height),
        )  # fmt: skip
        self.count += 1
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
        self._write(image)

    def close(self) -> None:
        """Ends the file."""
        self._file.write("</annotations>\n")
        self._file.close()

    def _write(self, element: ET.Element) -> None:
        ET.indent(element, level=1)
        self._file.write(f"  {ET.tostring(element, encoding='unicode').rstrip()}\n")


def _meta() -> ET.Element:
    """CVAT drops attributes that are not declared."""
    meta = ET.Element("meta")
    task = ET.SubElement(meta, "task")
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
    return meta
