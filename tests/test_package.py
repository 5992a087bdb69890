# SPDX-License-Identifier: Apache-2.0
"""The project as a whole: licences, versions, documents, start-up."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import anprgen

ROOT = Path(anprgen.__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not a checkout")


def sources():
    for folder in ("anprgen", "blender", "fonts", "tests"):
        yield from (ROOT / folder).rglob("*.py")


def test_every_source_names_its_licence():
    for path in sources():
        inside = path.relative_to(ROOT).parts[0] == "blender"
        want = "GPL-3.0-or-later" if inside else "Apache-2.0"
        head = path.read_text("utf-8").splitlines()[:2]
        assert any(f"SPDX-License-Identifier: {want}" in line for line in head), path


def test_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == anprgen.__version__
    assert f"## {anprgen.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_blender_s_program_stands_alone():
    for path in (ROOT / "blender").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) anprgen", path.read_text("utf-8"), re.M), path
    for path in (ROOT / "anprgen").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) bpy", path.read_text("utf-8"), re.M), path


def test_readme_and_ci_install_the_libraries_that_the_doctor_knows():
    from anprgen.libraries import PACKAGES

    assert f"apt-get install -y {PACKAGES}\n" in (ROOT / "README.md").read_text("utf-8")
    assert f'libraries="{PACKAGES}"' in (ROOT / ".ci" / "run").read_text("utf-8")


def test_every_command_is_in_the_readme():
    from anprgen.cli import app

    text = (ROOT / "README.md").read_text("utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert re.search(rf"`{name}\b|anprgen {name}\b", text), name


def test_files_hold_one_idea():
    for path in sources():
        if path.parts[-2] != "tests":
            assert len(path.read_text("utf-8").splitlines()) <= 420, path


def test_importing_the_command_line_loads_nothing_heavy():
    code = "import sys, anprgen.cli; print(*sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(out.stdout.split())
    assert not loaded & {"cv2", "numpy", "jsonschema", "imgaug", "fontTools", "bpy", "PIL"}
