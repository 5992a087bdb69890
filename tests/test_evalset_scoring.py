# SPDX-License-Identifier: Apache-2.0
"""The set's eval.py: what it reads, what it counts, and on which machines it runs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from readers import classes_of, read_labels, read_manifest
from scoring import READERS, SetOf, evaluate, numbers

import anprgen.evalset
from anprgen.evalset.presets import PRESETS

pytest_plugins = ("evalsets",)  # the fixtures plates, pictures and set_of

SHIPPED = Path(anprgen.evalset.__file__).parent / "shipped"


def perfect(folder: Path, *, places: int = 20, padded: bool = True) -> np.ndarray:
    """Class numbers of a network without errors."""
    ids = classes_of(folder, places)
    rest = read_manifest(folder)["padded"] - len(ids)
    return np.concatenate([ids, np.repeat(ids[-1:], rest, 0)]) if padded else ids


@pytest.mark.parametrize("form", ["ids", "logits", "flat logits", "unpadded"])
@pytest.mark.parametrize("preset", READERS)
def test_class_numbers_and_logits(preset: str, form: str, set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of(preset)
    ids = perfect(folder, padded=form != "unpadded")
    ids[3] = ids[4]  # One plate is read as another.
    out = ids
    if "logits" in form:
        out = np.eye(read_manifest(folder)["decode"]["vocabulary"], dtype=np.float32)[ids] * 9 - 4
    if form == "flat logits":
        if read_manifest(folder)["decode"]["kind"] != "slots":
            pytest.skip("only networks with slots say everything in one row")
        out = out.reshape(len(out), -1)
    np.save(tmp_path / "out.npy", out)
    found = numbers(folder, tmp_path, tmp_path / "out.npy")
    count = read_manifest(folder)["count"]
    assert found["count"] == count
    assert found["exact"] == found["strict"] == pytest.approx((count - 1) / count)


def test_decoding_merges_and_ends_as_the_networks_do(set_of: SetOf, tmp_path: Path) -> None:
    """AABB with blanks between, padding in the middle, letters after the end."""
    sys.path.insert(0, str(SHIPPED))
    try:
        from eval_text import decode_rows
    finally:
        sys.path.remove(str(SHIPPED))
    ctc = {"kind": "ctc", "blank_index": 0, "classes": ["", "A", "B"]}
    assert decode_rows(np.array([[1, 1, 0, 1, 2, 2], [0, 0, 0, 0, 0, 0]]), ctc) == ["AAB", ""]
    slots = {"kind": "slots", "pad_index": 2, "classes": ["A", "B", ""]}
    assert decode_rows(np.array([[0, 0, 1, 2], [0, 2, 1, 2]]), slots) == ["AAB", "AB"]
    eos = {"kind": "eos", "eos_index": 0, "classes": ["", "A", "B"]}
    assert decode_rows(np.array([[1, 1, 2, 0, 2], [1, 2, 1, 2, 1]]), eos) == ["AAB", "ABABA"]


def table(folder: Path, path: Path, texts: dict[int, str], **columns: str) -> Path:
    lines = [f"{columns.get('key', 'idx')},text"]
    lines += [f"{key},{text}" for key, text in texts.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_counts_of_a_table(set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of("parseq")
    labels = read_labels(folder)
    right = {label["idx"]: label["text"] for label in labels}
    assert numbers(folder, tmp_path, table(folder, tmp_path / "a.csv", right))["strict"] == 1
    said = dict(right)
    said[0] = f"{said[0][:2].lower()} {said[0][2:]}"  # right, but for case and a blank
    said[1] = "*" + said[1][1:]  # one wrong
    said[2] = said[2][:-1]  # one lost
    said[3] = said[3] + "9"  # one too many
    del said[4]
    found = numbers(folder, tmp_path, table(folder, tmp_path / "b.csv", said))
    count, letters = len(labels), sum(len(text) for text in right.values())
    assert found["missing"] == 1
    assert found["exact"] == pytest.approx((count - 4) / count)
    assert found["strict"] == pytest.approx((count - 5) / count)
    assert found["character_error_rate"] == pytest.approx((3 + len(right[4])) / letters)
    pairs = {(a, b): n for a, b, n in found["confusions"]}
    assert pairs[right[1][0], "*"] == 1
    assert pairs["", "9"] == 1
    low, high = found["exact_interval_95"]
    assert low < found["exact"] < high
    for factor, cells in found["factors"].items():
        assert sum(cell["count"] for cell in cells.values()) == count
        mine = labels[1]["plates"][0]["factors"][factor]
        same = [x["idx"] for x in labels if x["plates"][0]["factors"][factor] == mine]
        wrong = len(set(same) & {1, 2, 3, 4})
        assert cells[mine]["exact"] == pytest.approx(1 - wrong / len(same))
    by_name = {labels[i]["image"]: text for i, text in right.items()}
    path = table(folder, tmp_path / "c.csv", by_name, key="image")  # type: ignore[arg-type]
    assert numbers(folder, tmp_path, path)["strict"] == 1


def test_the_gate(set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of("lprnet-tao")
    ids = perfect(folder)
    ids[: len(ids) // 2] = read_manifest(folder)["decode"]["blank_index"]
    np.save(tmp_path / "out.npy", ids)
    assert "exact" in evaluate(folder, tmp_path / "out.npy", "--min-acc", "0.3")
    said = evaluate(folder, tmp_path / "out.npy", "--min-acc", "0.8", code=1)
    assert "below --min-acc 0.8" in said


@pytest.mark.parametrize("shape", ["rows", "classes", "numbers", "file", "csv", "output"])
def test_mistakes_are_answered_in_plain_words(shape: str, set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of("ocrnet-tao")
    ids, path = perfect(folder), tmp_path / "out.npy"
    count, vocabulary = len(ids), read_manifest(folder)["decode"]["vocabulary"]
    words: list[str] = []
    if shape == "rows":
        np.save(path, ids[:-9])
        want = f"{count - 9} rows"
    elif shape == "classes":
        np.save(path, np.zeros((count, 20, vocabulary + 1), np.float32))
        want = f"{vocabulary + 1} classes, the set {vocabulary}"
    elif shape == "numbers":
        np.save(path, ids + 0.5)
        want = "no class numbers"
    elif shape == "file":
        path = tmp_path / "out.json"
        path.write_text("{")
        want = "cannot be read"
    elif shape == "csv":
        path = table(folder, tmp_path / "t.csv", {99999: "A"})
        want = "no sample idx '99999'"
    else:
        path = tmp_path / "out.npz"
        np.savez(path, a=ids, b=ids)
        want = "say which output with --output: a "
    said = evaluate(folder, path, *words, code=2)
    assert want in said
    if shape == "output":
        evaluate(folder, path, "--output", "b")


def test_trtexec_s_batches(set_of: SetOf, tmp_path: Path) -> None:
    """exportJSONOutput: name, dimensions like 8x20, values, for every output."""
    folder = set_of("lprnet-tao")
    said, ids = read_manifest(folder), perfect(folder)
    for i in range(said["batches"]):
        batch = ids[i * said["batch"] : (i + 1) * said["batch"]]
        size = "x".join(map(str, batch.shape))
        entries = [
            f'{{ "name" : "{name}"\n  , "dimensions" : "{size}"\n  , "values" : [ {values} ]\n  }}'
            for name, values in (
                ("tf_op_layer_ArgMax", ", ".join(map(str, batch.ravel()))),
                ("tf_op_layer_Max", ", ".join(["0.99"] * batch.size)),
            )
        ]
        (tmp_path / f"{i:06d}.json").write_text("[\n  " + "\n, ".join(entries) + "\n]\n")
    assert "exact                 1.0000" in evaluate(folder, tmp_path)
    files = sorted(tmp_path.glob("*.json"))
    assert "exact                 1.0000" in evaluate(folder, *files)
    assert "rows" in evaluate(folder, *files[1:], code=2)


SCRIPTS = sorted(SHIPPED.glob("*.py"))
#: What the scripts use of numpy; all of it is in 1.13's reference.
NUMPY_1_13 = {
    "arange", "argsort", "array", "ascontiguousarray", "clip", "concatenate", "cumsum", "float64",
    "floor", "int64", "linspace", "load", "maximum", "mean", "minimum", "prod", "searchsorted",
    "stack", "sum",
}  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_run_on_the_nano(script: Path) -> None:
    """Python 3.6.9 and numpy 1.13.3, as JetPack 4.6 installs them."""
    source = script.read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imported = set()
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr), "an f-string: its newer forms parse as old"
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    old = {"argparse", "base64", "collections", "csv", "io", "json", "os", "sys", "unicodedata"}
    assert imported <= old | {"numpy"} | {path.stem for path in SCRIPTS}
    assert set(re.findall(r"\bnp\.(\w+)", source)) <= NUMPY_1_13
    program = Path(sys.executable).with_name("vermin")
    done = subprocess.run(
        [program, "--target=3.6-", "--no-tips", "--violations", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_scoring_needs_numpy_alone(set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of("fast-plate-ocr")
    np.save(tmp_path / "out.npy", perfect(folder))
    words = [str(folder / "eval.py"), str(tmp_path / "out.npy")]
    ours = [path.stem for path in SCRIPTS]
    guard = f"""
import runpy, sys
class Guard:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {["numpy", *ours]!r}:
            raise ImportError("not allowed: " + name)
sys.meta_path.insert(0, Guard())
try:
    import cv2
except ImportError:
    pass
else:
    raise SystemExit("the guard does not work")
sys.argv = {words!r}
sys.path.insert(0, {str(folder)!r})
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", guard], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "exact                 1.0000" in done.stdout


def test_a_terminal_without_letters_is_no_error(set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of("parseq")
    path = table(folder, tmp_path / "a.csv", {0: "ශ්‍රී"})
    said = evaluate(
        folder, path, "--pairs", "1000", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C"
    )
    assert "\\u0dc1" in said


def test_every_preset_names_a_known_rule() -> None:
    kinds = {preset.decode.kind for preset in PRESETS.values()}
    assert kinds == {"ctc", "slots", "eos", "boxes"}
