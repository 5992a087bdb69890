# SPDX-License-Identifier: Apache-2.0
"""Which real tool loads which format, and what it needs; and the table of what they did."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS, PAGE = HERE / "results.json", ROOT / "docs" / "exports.md"
BEGIN, END = "<!-- loaded: written by tests/real_tools/run -->", "<!-- /loaded -->"


@dataclass(frozen=True)
class Tool:
    """`formats` are (format, task of the dataset); without `requires` every CI run has it.

    `alone` are installed without what they ask for.
    """

    formats: tuple[tuple[str, str], ...]
    requires: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

    @property
    def in_ci(self) -> bool:
        return not self.requires


_PARSEQ = "https://github.com/baudm/parseq/archive/refs/heads/main.tar.gz"

#: Name -> what it loads; its check is ``check_<name>.py``.
TOOLS = {
    "datumaro": Tool(
        tuple((name, "detect") for name in ("coco", "cvat", "voc", "yolo-detect")),
        ("datumaro>=1.12",),
    ),
    "datasets": Tool(
        (
            ("hf-imagefolder", "ocr"),
            ("hf-parquet", "ocr"),
            ("hf-parquet", "detect"),
        )
    ),
    # Without its extra `train`, which brings TensorFlow: Keras runs on torch as well.
    "fast_plate_ocr": Tool(
        (("fast-plate-ocr", "ocr"),),
        (
            "fast-plate-ocr[onnx]",
            "keras>=3.10,<4",
            "torch",
            "pandas",
            "pydantic>=2.5.2,<3",
            "click",
            "albumentations",
            "pillow",
        ),
    ),
    "lmdb": Tool((("lmdb", "ocr"),)),
    # 1.4 knows no numpy 2.
    "motmetrics": Tool((("mot", "sequence"),), ("motmetrics>=1.4", "numpy<2", "pandas<3")),
    "mlcroissant": Tool((("croissant", "ocr"), ("croissant", "detect"))),
    # 2.10 is the last with its trainers' datasets inside; without what serving a model needs.
    "paddleocr": Tool(
        (("lmdb", "ocr"), ("paddleocr-det", "detect"), ("paddleocr-rec", "ocr")),
        (
            "paddlepaddle>=3",
            "numpy<2",
            "opencv-python-headless<4.12",
            "pyyaml",
            "tqdm",
            "lmdb",
            "shapely",
            "pyclipper",
            "scikit-image",
            "rapidfuzz",
            "albumentations",
            "requests",
        ),
        ("paddleocr==2.10.0",),
    ),
    # No package index has it; with its dataset alone, not what its training needs.
    "parseq": Tool((("lmdb", "ocr"),), ("torch", "lmdb", "pillow", "numpy"), (_PARSEQ,)),
    "pycocotools": Tool((("coco", "detect"), ("coco-video", "sequence"))),
    "supervision": Tool(
        tuple(
            (name, "detect") for name in ("coco", "voc", "yolo-detect", "yolo-obb", "yolo-segment")
        )
    ),
    "trackeval": Tool(
        tuple((name, "sequence") for name in ("coco-video", "davis", "mot")),
        ("trackeval>=1.3", "pycocotools", "pillow"),
    ),
    # AGPL-3.0: for this check alone, the package never imports it. Brings all of torch.
    "ultralytics": Tool(
        tuple(
            (f"yolo-{kind}", "detect")
            for kind in ("characters", "detect", "obb", "pose", "segment")
        ),
        ("ultralytics>=8.3",),
    ),
    "webdataset": Tool((("webdataset", "ocr"), ("webdataset", "detect"))),
}


def source_digest(name: str) -> str:
    """sha256 of the file that writes a format."""
    from anprgen import exporters

    module = exporters._OURS[name].partition(":")[0]
    return hashlib.sha256((ROOT / f"anprgen/exporters/{module}.py").read_bytes()).hexdigest()


def results() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(RESULTS.read_text("utf-8"))
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as the page has them, one for every pair of format and tool."""
    known = {(r["format"], r["task"], r["loader"]): r for r in rows}
    lines = [
        "| format | pictures | tool | compared: pictures, labels | |",
        "|---|---|---|---|---|",
    ]
    wanted = [(f, task, name) for name, tool in TOOLS.items() for f, task in tool.formats]
    for name, task, loader in sorted(wanted):
        shown = {"ocr": "crops", "detect": "street", "sequence": "sequences"}[task]
        row = known.get((name, task, loader))
        if row is None:
            lines.append(f"| `{name}` | {shown} | {loader} | not run | |")
            continue
        when = "every CI run" if TOOLS[loader].in_ci else f"{row['date']}, {row['commit'][:7]}"
        lines.append(
            f"| `{name}` | {shown} | {row['tool']} {row['version']} | "
            f"{row['images']}, {row['labels']} | {row['did']}; {when} |"
        )
    return "\n".join(lines)


def write_page(rows: list[dict[str, Any]]) -> None:
    """Puts the table between its marks in the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}", "utf-8")
