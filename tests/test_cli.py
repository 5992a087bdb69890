# SPDX-License-Identifier: Apache-2.0
"""The command line, in this process and as the program a user starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from making import make
from typer.testing import CliRunner, Result

from anprgen.cli import app
from anprgen.dataset import Dataset
from anprgen.resources import designs_dir

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(w) for w in words])
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result


def program(*words: str | Path, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "anprgen", *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli") / "plates"
    make(root, 6, workers=2, real=True)
    return root


@pytest.mark.parametrize("command", ["build", "plan"])
@pytest.mark.parametrize(("n", "frames", "most"), [(10**8, 60, 1666666), (10**9, 30, 3333333)])
def test_too_many_sequences_are_told_as_they_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, n: int, frames: int, most: int
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--task", "sequence", "--frames", frames, "--renderer", "flat"]
    said = run(command, "sri_lanka", "-n", str(n), *map(str, words), code=2).output
    assert f"-n {n}: it must be from 1 to {most} sequences of {frames} frames" in said
    assert not any(tmp_path.iterdir())


def test_a_dataset_from_the_first_word_to_the_last(tmp_path: Path) -> None:
    done = program("build", "designs/sri_lanka.json", "-n", "4", "--renderer", "flat", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "sri_lanka-ocr"
    assert str(out) in done.stderr
    assert "using the shipped design sri_lanka" in done.stderr
    assert "device: cpu, workers:" in done.stderr
    assert "4 samples, 4 made" in done.stdout
    assert "\x1b" not in done.stderr
    first = program("verify", out, cwd=tmp_path)
    assert re.search(r"^digest: [0-9a-f]{32}$", first.stdout, re.MULTILINE)
    again = program("build", "sri_lanka", "-n", "4", "--renderer", "flat", cwd=tmp_path)
    assert "all 4 samples are there already" in again.stderr
    more = program("build", "sri_lanka", "-n", "6", "--renderer", "flat", cwd=tmp_path)
    assert "2 made" in more.stdout
    shown = program("show", out, "3", cwd=tmp_path)
    assert "bit-equal" in shown.stdout
    exported = program("export", out, "--to", "yolo-pose", "-o", "yolo", cwd=tmp_path)
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "yolo" / "data.yaml").exists()


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    assert program("--help", cwd=tmp_path).returncode == 0
    modules = "import sys, anprgen.cli; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    loaded = subprocess.check_output([sys.executable, "-c", modules], env=environment, text=True)
    assert "anprgen.cli" in loaded.split()
    assert not {"numpy", "cv2", "jsonschema", "fontTools", "PIL"} & set(loaded.split())


def test_every_command_has_help() -> None:
    listed = run("--help").output
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert name in listed
        assert len(run(name, "--help").output) > 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "sri_lnka", "-n", "3"], "did you mean sri_lanka"),
        (["build", "sri_lanka=0", "-n", "3"], "a number above 0"),
        (["build", "sri_lanka=nan", "-n", "3"], "a number above 0"),
        (["build", "sri_lanka", "-n", "0"], "-n 0"),
        (["build", "sri_lanka", "-n", "1000000000"], "-n 1000000000"),
        (["build", "sri_lanka", "-n", "3", "--samples", "100000"], "--samples 100000"),
        (["build", "sri_lanka", "-n", "3", "--workers", "0"], "--workers 0"),
        (["build", "sri_lanka", "-n", "3", "--task", "orc"], "did you mean ocr"),
        (["build", "sri_lanka", "-n", "3", "--renderer", "flad"], "did you mean flat"),
        (["build", "sri_lanka", "-n", "3", "--config", "nowhere.json"], "nowhere.json"),
        (["build", "sri_lanka", "-n", "3", "--renderer", "flat", "--device", "cuda"], "no cuda"),
        (["preview", "sri_lanka", "-n", "0"], "-n 0"),
        (["validate", "nowhere"], "there is no design 'nowhere'"),
        (["texture", "sri_lanka", "--text", "hello"], "can write 'hello'"),
        (["texture", "sri_lanka", "--text", "WP KB-5445", "--field", "fuel=X"], "cannot be 'X'"),
        (["texture", "sri_lanka", "--text", "WP KB-5445", "--field", "number=1"], "names no field"),
        (["designs", "new", "Ruritania"], "no name for a design"),
        (["build", "sri_lanka", "-n", "3", "--balance", "charcters"], "did you mean characters"),
        (["build", "sri_lanka", "-n", "3", "--exclude", "nowhere.txt"], "nowhere.txt"),
        (["verify", "."], "no dataset"),
        (["show", ".", "1"], "no dataset"),
        (["export", ".", "--to", "coco", "-o", "x"], "no dataset"),
    ],
)
def test_mistakes_are_answered_in_plain_words(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words, code=2)
    assert said in result.stderr
    assert result.stderr.startswith("anprgen: ")
    assert not result.stdout
    assert not [p for p in tmp_path.iterdir() if p.name != ".lock"]


def test_a_wrong_config_names_the_path(tmp_path: Path) -> None:
    config = tmp_path / "c.json"
    config.write_text('{"light.knd": "sun"}')
    result = run("build", "sri_lanka", "-n", "2", "--config", config, "-o", tmp_path / "o", code=2)
    assert "light.kind" in result.stderr


def test_another_seed_is_refused(built: Path) -> None:
    words = ["build", "sri_lanka", "-n", "6", "--renderer", "flat", "-o", built, "--seed", "1"]
    assert "config.seed: 0 in the dataset, 1 asked for" in run(*words, code=2).stderr


def test_verify_tells_damage_by_its_exit_code(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(built, root)
    whole = run("verify", root).stdout
    path = root / "shards/000000/00000002.jpg"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    damaged = run("verify", root, code=1)
    assert "00000002" in damaged.stderr
    assert damaged.stdout.splitlines()[-1] != whole.splitlines()[-1]


def test_show_tells_a_difference(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(built, root)
    path = root / "shards/000000/00000002.jpg"
    picture = cv2.imread(str(path))
    picture[2, 3] = 255 - picture[2, 3]
    cv2.imwrite(str(path), picture)
    assert "px differ" in run("show", root, "2", code=1).stdout
    run("show", root, "3")
    assert (root / "shown" / "00000003-labels.png").exists()
    run("verify", root, code=1)


def test_show_uses_the_design_as_it_was(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    data = json.loads((designs_dir() / "sri_lanka.json").read_text("utf-8"))
    mine.write_text(json.dumps({**data, "name": "mine", "title": "Mine"}))
    make(tmp_path / "d", 2, real=True, designs=((str(mine), 1.0),))
    mine.unlink()
    assert "bit-equal" in run("show", tmp_path / "d", "1").stdout
    (tmp_path / "d" / "designs" / "mine.json").write_text("{}")
    changed = program("show", "d", "1", cwd=tmp_path)
    assert changed.returncode == 2
    assert "is not what it was" in changed.stderr


def test_preview_makes_two_sheets(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    run("preview", "sri_lanka", "-n", "5", "--renderer", "flat", "-o", out)
    clean, marked = cv2.imread(str(out)), cv2.imread(str(tmp_path / "sheet-labels.png"))
    assert clean.shape[1] == marked.shape[1] == 1600
    assert clean.std() > 5


def test_texture_writes_three_pictures(tmp_path: Path) -> None:
    paths = run("texture", "sri_lanka", "--text", "WP CBA 8215", "-o", tmp_path).stdout.split("\n")
    color, height, retro = (cv2.imread(p, cv2.IMREAD_UNCHANGED) for p in paths[:3])
    assert color.dtype == "uint8"
    assert color.shape[2] == 3
    assert height.dtype == "uint16"
    assert height.shape == retro.shape == color.shape[:2]
    assert 2000 < height.max() < 25000  # 0.2 to 2.5 mm


def test_texture_shows_fields_that_the_text_leaves_out(tmp_path: Path) -> None:
    words = ("texture", "sri_lanka", "--text", "WP KB-5445", "-o")
    without = cv2.imread(run(*words, tmp_path / "a").stdout.split("\n")[0])
    fuel = cv2.imread(run(*words, tmp_path / "b", "--field", "fuel=D").stdout.split("\n")[0])
    changed = (without != fuel).any(axis=2).nonzero()
    assert 4 * 225 < changed[1].min() < changed[1].max() < 4 * 260  # under the hyphen
    assert changed[0].min() > 4 * 60


def test_a_new_design_is_valid_and_builds(tmp_path: Path) -> None:
    path = run("designs", "new", "ruritania", "-o", tmp_path).stdout.split(":")[0]
    assert "good" in run("validate", path).stdout
    run("build", path, "-n", "3", "--renderer", "flat", "-o", tmp_path / "made")
    assert "3 samples" in run("verify", tmp_path / "made").stdout


def test_lists(tmp_path: Path) -> None:
    assert "sri_lanka" in run("designs").stdout
    assert "plates.wear.dust" in run("params").stdout
    assert "good" in run("validate", "sri_lanka").stdout
    assert re.match(r"\d+\.\d+", run("--version").stdout)


def test_doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from anprgen import doctor

    lacking = doctor.Check("libraries of bpy", False, "not found: libXi.so.6", "apt-get libxi6")
    monkeypatch.setattr(doctor, "_libraries", lambda module: [lacking] if module == "bpy" else [])
    monkeypatch.setattr(doctor, "_blender", lambda *_: doctor.Check("blender", True, "4.5"))
    result = run("doctor", "-o", tmp_path, code=1)
    assert "LACKING libraries of bpy: not found: libXi.so.6" in result.stdout
    assert "apt-get libxi6" in result.stdout
    assert "ok      fonts" in result.stdout
    monkeypatch.setattr(doctor, "_libraries", lambda module: [])
    run("doctor", "-o", tmp_path / "not" / "yet")


def test_doctor_names_debian_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    from anprgen import doctor

    said = "\tlibXi.so.6 => not found\n\tlibc.so.6 => /lib/libc.so.6\n\tlibEGL.so.1 => not found\n"
    answer = subprocess.CompletedProcess([], 0, stdout=said, stderr="")
    monkeypatch.setattr(doctor.shutil, "which", lambda _: "/usr/bin/ldd")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *_, **__: answer)
    (check,) = doctor._libraries("cv2")
    assert not check.ok
    assert check.hint.endswith("apt-get install libegl1 libxi6")


def test_a_machine_without_libraries_is_told_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text(
        "raise ImportError('libGL.so.1: cannot open shared object file')\n"
    )
    result = program("build", "sri_lanka", "-n", "1", "--renderer", "flat", cwd=tmp_path)
    assert result.returncode == 2
    assert "libGL.so.1" in result.stderr
    assert "apt-get install" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_ends_with_130_and_continues(tmp_path: Path) -> None:
    words = ["build", "sri_lanka", "-n", "40", "--renderer", "flat", "-o", "d", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "anprgen", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("d/shards/*/*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command continues" in said
    assert "Traceback" not in said
    kept = len(list(tmp_path.glob("d/shards/.part-000000/*.json")))
    assert kept > 0
    done = program(*words, cwd=tmp_path)
    assert f"{40 - kept} made" in done.stdout
    assert Dataset.open(tmp_path / "d").count_missing(40) == 0
