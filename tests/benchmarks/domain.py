# SPDX-License-Identifier: Apache-2.0
"""How well a small classifier tells our crops from photographs: 0.5 is not at all, 1 always.

    pip install scikit-learn
    python tests/benchmarks/domain.py PHOTOGRAPHS DATASET [DATASET ...] --sheet sheet.png

PHOTOGRAPHS is a folder with labels.tsv (file, TAB, text). Both sides go through one resize and one
JPEG at quality 75, so that neither size nor coding tells. Logistic regression on a group of
features at a time says what gives us away; `size` is the control, of the pictures as they came.
Folds part registrations; the interval is a bootstrap over them. `--sheet` shows the crops that it
is surest of: photographs above, ours below.
"""

from __future__ import annotations

import argparse
import warnings
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from anprgen.dataset import Dataset
from anprgen.samples import decode

_SIZE = (96, 48)
_FOLDS = 5
_HOG = cv2.HOGDescriptor(_SIZE, (16, 16), (16, 16), (8, 8), 9)


def photographs(folder: Path) -> list[tuple[str, np.ndarray]]:
    """(text, uint8 [h, w, 3] BGR) of each line of labels.tsv."""
    rows = [line.split("\t") for line in (folder / "labels.tsv").read_text("utf-8").splitlines()]
    return [(text, cv2.imread(str(folder / name))) for name, text in rows]


def crops(root: Path, count: int) -> list[tuple[str, np.ndarray]]:
    """The same of the first legible crops of a dataset."""
    dataset = Dataset.open(root)
    legible = (r for r in dataset.records() if r["plates"][0]["legibility"] != "illegible")
    return [
        (r["plates"][0]["ocr_text"], decode(dataset.image_path(r).read_bytes())[:, :, ::-1])
        for r in islice(legible, count)
    ]


def alike(picture: np.ndarray) -> np.ndarray:
    """The picture at one size and coding."""
    height, width = picture.shape[:2]
    way = cv2.INTER_AREA if width > _SIZE[0] else cv2.INTER_CUBIC
    small = cv2.resize(np.ascontiguousarray(picture), _SIZE, interpolation=way)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def features(picture: np.ndarray) -> dict[str, dict[str, float]]:
    """Groups of named numbers."""
    height, width = np.log(picture.shape[:2])
    small = alike(picture)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float64)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float64)
    spread = max(grey.std(), 1.0)
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2((grey - grey.mean()) / spread))) ** 2
    fy, fx = np.indices(spectrum.shape) - np.array([s // 2 for s in spectrum.shape])[:, None, None]
    radius = np.hypot(fy / spectrum.shape[0], fx / spectrum.shape[1])
    bands = np.linspace(0.02, 0.5, 13)
    edge = np.ones(grey.shape, bool)
    edge[5:-5, 8:-8] = False
    shares = np.histogram(grey, 16, (0, 256))[0] / grey.size
    return {
        "size": {"width": width, "height": height, "aspect": width - height},
        "tone": {
            **{f"p{q}": float(np.percentile(grey, q)) for q in (1, 5, 25, 50, 75, 95, 99)},
            **{f"share of {16 * i} to {16 * i + 15}": v for i, v in enumerate(shares)},
        },
        "colour": {
            **{f"mean {n}": lab[..., i].mean() for i, n in ((1, "green-red"), (2, "blue-yellow"))},
            **{f"std {n}": lab[..., i].std() for i, n in ((1, "green-red"), (2, "blue-yellow"))},
            "edge green-red": lab[edge][:, 1].mean() - lab[~edge][:, 1].mean(),
            "edge blue-yellow": lab[edge][:, 2].mean() - lab[~edge][:, 2].mean(),
        },
        "frequencies": {
            f"{a:.2f} to {b:.2f} / px": float(
                np.log(spectrum[(radius >= a) & (radius < b)].mean() + 1e-9)
            )
            for a, b in zip(bands, bands[1:])
        },
        "edge": {
            "mean": (grey[edge].mean() - grey.mean()) / spread,
            "std": grey[edge].std() / spread,
            "detail": np.abs(cv2.Laplacian(grey, cv2.CV_64F))[edge].mean() / spread,
            **{
                f"{name} side": (part.mean() - grey.mean()) / spread
                for name, part in {
                    "upper": grey[:5], "lower": grey[-5:],
                    "left": grey[:, :8], "right": grey[:, -8:],
                }.items()
            },
        },
        "shape": {f"hog {i}": float(v) for i, v in enumerate(_HOG.compute(small).ravel())},
    }  # fmt: skip


def told_apart(
    table: np.ndarray, ours: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, float, tuple[float, float]]:
    """Out-of-fold probability of being ours; balanced accuracy and its 95 % interval."""
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.05, class_weight="balanced", max_iter=2000)
    )
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0)
    said = cross_val_predict(model, table, ours, groups=groups, cv=folds, method="predict_proba")
    right = (said[:, 1] > 0.5) == ours

    def balanced(rows: np.ndarray) -> float:
        return float(np.mean([right[rows][ours[rows] == side].mean() for side in (False, True)]))

    random = np.random.default_rng(0)
    places = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    again = [
        balanced(
            np.concatenate([places[i] for i in random.integers(len(places), size=len(places))])
        )
        for _ in range(300)
    ]
    low, high = np.percentile(again, [2.5, 97.5])
    return said[:, 1], balanced(np.arange(len(ours))), (float(low), float(high))


def main() -> None:
    """Prints a table for each dataset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("datasets", type=Path, nargs="+")
    parser.add_argument("-n", type=int, default=600, help="of our crops")
    parser.add_argument("--sheet", type=Path)
    given = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    real = photographs(given.photographs)
    for root in given.datasets:
        pictures = real + crops(root, given.n)
        ours = np.arange(len(pictures)) >= len(real)
        groups = np.array([f"{side}{text}" for (text, _), side in zip(pictures, ours)])
        found = [features(picture) for _, picture in pictures]
        print(f"{root}: {len(real)} photographs, {ours.sum()} of ours; balanced accuracy")
        for name in found[0]:
            keys = list(found[0][name])
            table = np.array([[f[name][k] for k in keys] for f in found])
            _, rate, (low, high) = told_apart(table, ours, groups)
            scaled = (table - table.mean(0)) / (table.std(0) + 1e-9)
            apart = scaled[ours].mean(0) - scaled[~ours].mean(0)
            most = np.argsort(-np.abs(apart))[:4]
            says = ", ".join(f"{keys[i]} {apart[i]:+.1f}" for i in most) if name != "shape" else ""
            print(f"  {name:12} {rate:.3f} [{low:.2f}-{high:.2f}]  {says}")
        every = [name for name in found[0] if name != "size"]
        table = np.array([[v for n in every for v in f[n].values()] for f in found])
        said, rate, (low, high) = told_apart(table, ours, groups)
        print(f"  {'all but size':12} {rate:.3f} [{low:.2f}-{high:.2f}]", flush=True)
        if given.sheet:
            order = np.argsort(said)
            chosen = [
                *[i for i in order if not ours[i]][:24],
                *[i for i in order[::-1] if ours[i]][:24],
            ]
            cells = [cv2.resize(np.ascontiguousarray(pictures[i][1]), (192, 96)) for i in chosen]
            rows = [np.hstack(cells[i : i + 8]) for i in range(0, len(cells), 8)]
            cv2.imwrite(str(given.sheet), np.vstack(rows))


if __name__ == "__main__":
    main()
