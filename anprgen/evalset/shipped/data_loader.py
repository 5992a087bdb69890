# SPDX-License-Identifier: Apache-2.0
"""Batches for Polygraphy: --data-loader-script data_loader.py (calibration: ...py:calibration)."""

import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "manifest.json"), encoding="utf-8") as _file:
    MANIFEST = json.load(_file)


def _variant():
    """The variant that the variable DTYPE names, or the usual one."""
    wanted = os.environ.get("DTYPE", MANIFEST["tensors"][0]["dtype"])
    for variant in MANIFEST["tensors"]:
        if variant["dtype"] == wanted:
            return variant
    raise SystemExit("the set has no tensors of %s" % wanted)


def _batches(array, name):
    size = MANIFEST["batch"]
    for first in range(0, len(array), size):
        yield {name: np.ascontiguousarray(array[first : first + size])}


def load_data():
    """The evaluation's batches, the last one filled up."""
    variant = _variant()
    array = np.load(os.path.join(HERE, variant["npy"]), mmap_mode="r")
    return _batches(array, variant["name"])


def calibration():
    """The calibration's batches."""
    variant = _variant()
    with np.load(os.path.join(HERE, variant["calibration"])) as arrays:
        return _batches(arrays[variant["name"]], variant["name"])
