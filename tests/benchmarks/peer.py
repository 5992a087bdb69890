# SPDX-License-Identifier: Apache-2.0
"""Pictures a second against BlenderProc's, of as plain a plate scene as each can make, in one run.

    python tests/benchmarks/peer.py PYTHON -n 200

PYTHON is that of an environment with BlenderProc 2.8.0, bpy 4.2, numpy < 2, h5py, scikit-image,
scikit-learn, trimesh and opencv-contrib-python-headless < 4.12. Both render pictures of about the
same size, with the same samples a pixel and Open Image Denoise, on the same cores, one after the
other. BlenderProc renders a textured plane and a segmentation map and writes a COCO file; we make
plates with new registrations on a plain dark panel, without wear and parts (but with embossing,
sheeting and retro-reflection), put them through the camera and write boxes of plates and
characters. Neither's start is counted. Without PYTHON only ours is measured.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from anprgen import pipeline
from anprgen.build import build
from anprgen.colour import linear_to_srgb
from anprgen.config import Config
from anprgen.progress import Progress
from anprgen.shot_views import textures_of
from anprgen.tasks import Spec
from anprgen.wear import LAYERS

#: A plate on a dark panel and nothing else, as wide in the picture as the peer's plane.
PLAIN: dict[str, Any] = {
    **{f"plates.wear.{name}": 0.0 for name in LAYERS},
    "plates.mount.frame": "none",
    "plates.mount.front": "none",
    **{f"plates.mount.{name}": 0 for name in ("bolts", "holes", "lamps", "glass")},
    "plates.mount.paper": "no",
    "vehicle.surround": "dark",
    "vehicle.badge": "none",
    **{f"vehicle.{name}": 0.0 for name in ("fittings", "recess_mm", "overhang_mm", "grime")},
    "light.conditions": "environment",
}


def ours(folder: Path, n: int, args: argparse.Namespace, seed: int) -> tuple[float, float]:
    """Pictures a second between the first and the last of a build, and the mean of their px."""
    config = Config(
        seed=seed,
        samples=args.samples,
        overrides={**PLAIN, "view.width_px": args.size[0] * args.share},
    )
    moments: list[float] = []

    def tell(event: str, **_: Any) -> None:
        if event == "sample":
            moments.append(time.perf_counter())

    with Progress() as progress:
        build(Spec(config, folder, "cpu"), n, progress, workers=os.cpu_count(), tell=tell)
    plan = pipeline.make_plan(config)
    windows = [plan.shot(i).solved.render for i in range(min(n, 200))]
    px = float(np.mean([w.width * w.height for w in windows]))
    return (n - 1) / (moments[-1] - moments[0]), px


def peers(folder: Path, textures: Path, n: int, args: argparse.Namespace) -> float:
    """Pictures a second of BlenderProc's loop."""
    script = Path(__file__).with_name("peer_scene.py")
    size = [str(v) for v in args.size]
    done = subprocess.run(
        [
            *(args.python, script, textures, folder, "-n", str(n), "--size", *size),
            *("--samples", str(args.samples)),
        ],
        capture_output=True,
        text=True,
    )
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("peer ")]
    if not told or int(told[0][1]) != n:
        raise SystemExit(
            f"the peer made no {n} pictures:\n{done.stdout[-1500:]}{done.stderr[-3000:]}"
        )
    return n / float(told[0][2])


def write_textures(folder: Path, n: int) -> None:
    """Base colours of our plates for the peer's plane."""
    plan = pipeline.make_plan(Config())
    for i in range(n):
        shot = plan.shot(i)
        colour = linear_to_srgb(textures_of(shot, plan.artworks(shot), 2.5)[0].base_color)
        cv2.imwrite(str(folder / f"{i:03d}.png"), colour[..., ::-1])


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("python", nargs="?", help="the peer's interpreter")
    ap.add_argument("-n", type=int, nargs="+", default=[200], help="pictures; each count in turn")
    ap.add_argument("--size", type=int, nargs=2, default=(256, 96))
    ap.add_argument("--samples", type=int, default=16)
    ap.add_argument("--share", type=float, default=0.8, help="width of our plate, of the picture's")
    args = ap.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        textures = folder / "textures"
        textures.mkdir()
        if args.python:
            write_textures(textures, 50)
        for k, n in enumerate(args.n):
            mine, px = ours(folder / f"ours{k}", n, args, k)
            print(f"{n} pictures: ours {mine:.2f} a second of {px:.0f} px", end="", flush=True)
            if args.python:
                peer = peers(folder / f"peer{k}", textures, n, args)
                px_peer = args.size[0] * args.size[1]
                print(
                    f", BlenderProc {peer:.2f} of {px_peer} px: {mine / peer:.2f} times,"
                    f" {mine * px / (peer * px_peer):.2f} times the pixels",
                    end="",
                )
            print()


if __name__ == "__main__":
    main()
