# SPDX-License-Identifier: Apache-2.0
"""What this machine has and lacks: libraries, Blender, device, faces, disk."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from anprgen import __version__
from anprgen.errors import AnprgenError
from anprgen.libraries import DEBIAN

_PACKAGES = ("numpy", "opencv-python", "Pillow", "imgaug", "jsonschema", "fonttools", "rich")
_LEAST_FREE_GB = 2.0


class Check(NamedTuple):
    """One line of the doctor's report; `hint` says what to do when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


def examine(folder: Path, device: str = "auto", executable: Path | None = None) -> list[Check]:
    """Every check; `folder` is where datasets would go."""
    checks = [
        Check("anprgen", True, f"{__version__}, Python {platform.python_version()}"),
        *_packages(),
        *(_libraries("bpy") if executable is None else ()),
        *_libraries("cv2"),
        _guarded("fonts", _fonts),
        _guarded("designs", _designs),
        _guarded("flat", _flat),
        _guarded("blender", lambda: _blender(device, executable)),
        _cores(),
        _disk(folder),
    ]
    return checks


def _packages() -> Iterator[Check]:
    for name in _PACKAGES:
        try:
            yield Check(name, True, version(name))
        except PackageNotFoundError:
            yield Check(name, False, "not installed", f"pip install {name}")


def _libraries(module: str) -> Iterator[Check]:
    """Shared libraries that a compiled module cannot find (Linux)."""
    spec = importlib.util.find_spec(module)
    name = f"libraries of {module}"
    if spec is None or spec.origin is None:
        hint = "pip install bpy==4.5.* (Python 3.11), or name a Blender with --blender"
        yield Check(name, False, "not installed", hint if module == "bpy" else "")
        return
    if sys.platform != "linux" or shutil.which("ldd") is None:
        return
    binaries = sorted(Path(spec.origin).parent.glob("*.so"))[:4]
    missing: set[str] = set()
    for binary in binaries:
        run = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False)
        missing |= set(re.findall(r"^\s*(\S+) => not found", run.stdout, re.MULTILINE))
    if not missing:
        yield Check(name, True, "all found")
        return
    packages = sorted({DEBIAN.get(library, library) for library in missing})
    hint = f"Debian and Ubuntu: apt-get install {' '.join(packages)}"
    yield Check(name, False, f"not found: {', '.join(sorted(missing))}", hint)


def _fonts() -> Check:
    from anprgen.resources import fonts_dir

    faces = sorted(fonts_dir().glob("*.ttf"))
    return Check("fonts", bool(faces), f"{len(faces)} faces", "" if faces else "install again")


def _designs() -> Check:
    from anprgen.design import load_design, shipped_designs
    from anprgen.lint import check_design

    names = shipped_designs()
    for name in names:
        check_design(load_design(name))
    return Check("designs", bool(names), ", ".join(names))


def _flat() -> Check:
    """One picture without Blender: everything but the renderer works."""
    from anprgen.config import Config
    from anprgen.design import shipped_designs
    from anprgen.pipeline import make_plan
    from anprgen.renderers.opening import open_renderer

    config = Config(renderer="flat", designs=((shipped_designs()[0], 1.0),))
    with open_renderer("flat") as renderer:
        sample = make_plan(config).sample(0, renderer)
    height, width = sample.pixels.shape[:2]
    return Check("flat renderer", True, f"made a picture of {width}x{height} px")


def _blender(device: str, executable: Path | None) -> Check:
    from anprgen.renderers.opening import open_renderer

    with open_renderer("blender", device, None, executable) as renderer:
        told = renderer.describe()
    return Check("blender", True, ", ".join(f"{k}: {v}" for k, v in told.items() if v))


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except AnprgenError as e:
        return Check(name, False, e.message, e.hint or "")
    except Exception as e:  # A doctor reports what is broken; it does not break.
        return Check(name, False, f"{type(e).__name__}: {e}")


def _cores() -> Check:
    from anprgen.workers import cpu_count

    detail = f"{cpu_count()} cores"
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        detail += f", {memory:.0f} GiB memory"
    return Check("machine", True, detail)


def _disk(folder: Path) -> Check:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    writable = os.access(folder, os.W_OK)
    if not writable:
        return Check("disk", False, f"{folder} is not writable", "choose another folder with -o")
    hint = "" if free >= _LEAST_FREE_GB else "a dataset of 50,000 plate crops needs about 2 GB"
    return Check("disk", free >= _LEAST_FREE_GB, f"{free:.1f} GB free in {folder}", hint)
