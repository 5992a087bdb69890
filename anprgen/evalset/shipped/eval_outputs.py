# SPDX-License-Identifier: Apache-2.0
"""Reads what networks said: .npy and .npz, Polygraphy's and trtexec's JSON, CSV."""

import base64
import csv
import io
import json
import os

import numpy as np


class Problem(Exception):
    """Something the user can put right."""


def read_rows(paths, wanted=None, usual=None):
    """All rows of one output, the files one after another; `wanted` and `usual` are names."""
    feeds = []
    for path in _files(paths):
        found = _feeds(path)
        if not found:
            raise Problem("%s holds no outputs" % path)
        feeds += found
    name = _choose(feeds[0], wanted, usual)
    arrays = []
    for feed in feeds:
        if name not in feed:
            raise Problem("a batch has no output %r, only %s" % (name, ", ".join(sorted(feed))))
        arrays.append(feed[name])
    if len(set(array.shape[1:] for array in arrays)) > 1:
        shapes = sorted(set(str(array.shape[1:]) for array in arrays))
        raise Problem("the batches differ in shape: %s" % ", ".join(shapes))
    return np.concatenate(arrays)


def read_csv(paths, labels):
    """Texts in the order of the labels from columns idx or image, and text; None where missing."""
    texts = [None] * len(labels)
    places = {}
    for label in labels:
        places[str(label["idx"])] = places[label["image"]] = label["idx"]
        places[os.path.basename(label["image"])] = label["idx"]
    for path in paths:
        with io.open(path, encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns = table.fieldnames or []
            key = "idx" if "idx" in columns else "image"
            if key not in columns or "text" not in columns:
                raise Problem("%s needs columns idx (or image) and text" % path)
            for row in table:
                word = (row[key] or "").strip()
                place = places.get(word.lstrip("0") or "0" if key == "idx" else word)
                if place is None:
                    place = places.get(os.path.basename(word))
                if place is None:
                    raise Problem("%s: the set has no sample %s %r" % (path, key, word))
                if texts[place] is not None:
                    raise Problem("%s: the sample %s stands there twice" % (path, word))
                texts[place] = row["text"] or ""
    return texts


def _files(paths):
    out = []
    for path in paths:
        if os.path.isdir(path):
            names = sorted(n for n in os.listdir(path) if n.endswith((".npy", ".npz", ".json")))
            if not names:
                raise Problem("the folder %s holds no .npy, .npz or .json" % path)
            out += [os.path.join(path, name) for name in names]
        else:
            out.append(path)
    return out


def _feeds(path):
    """[{output: array}, ...] of a file, a dictionary a batch."""
    try:
        if path.endswith(".npy"):
            return [{"": np.load(path)}]
        if path.endswith(".npz"):
            with np.load(path) as arrays:
                return [dict((name, arrays[name]) for name in arrays.files)]
        with io.open(path, encoding="utf-8") as file:
            data = json.load(file)
    except ValueError as error:
        raise Problem("%s cannot be read: %s" % (path, error)) from None
    try:
        if isinstance(data, dict) and "lst" in data:
            # Polygraphy: [[runner, [{outputs: {name: array}}, ...]], ...]; the first runner's.
            return [_arrays(iteration["outputs"]) for iteration in data["lst"][0][1]]
        if isinstance(data, list) and data and "dimensions" in data[0]:
            return [dict((entry["name"], _trtexec(entry)) for entry in data)]
        if isinstance(data, list):
            return [_arrays(feed) for feed in data]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Problem("%s is damaged: %s" % (path, error)) from None
    raise Problem("%s is neither Polygraphy's nor trtexec's" % path)


def _arrays(feed):
    return dict((name, _array(value)) for name, value in feed.items() if isinstance(value, dict))


def _array(value):
    """Polygraphy's array: a .npy file in base64, inside one or more dictionaries."""
    while isinstance(value.get("array", value.get("values")), dict):
        value = value.get("array", value.get("values"))
    data = value.get("array", value.get("values"))
    return np.load(io.BytesIO(base64.b64decode(data)))


def _trtexec(entry):
    """trtexec's: dimensions like 8x24, values one after another."""
    shape = [int(n) for n in entry["dimensions"].split("x")]
    values = np.array(entry["values"])
    if values.size != int(np.prod(shape)):
        raise ValueError("%s has %d values for %s" % (entry["name"], values.size, shape))
    return values.reshape(shape)


def _choose(feed, wanted, usual):
    told = ", ".join("%s %s" % (name, feed[name].shape) for name in sorted(feed))
    if wanted:
        if wanted not in feed and list(feed) != [""]:
            raise Problem("there is no output %r; there are: %s" % (wanted, told))
        return wanted if wanted in feed else ""
    if usual in feed:
        return usual
    if len(feed) == 1:
        return list(feed)[0]
    raise Problem("say which output with --output: %s" % told)
