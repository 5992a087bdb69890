# SPDX-License-Identifier: Apache-2.0
"""What the steps of the programme are told of a shot: textures, sensors, the camera's context."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from anprgen import degradations
from anprgen.artwork import Artwork
from anprgen.clips.exposing import believed, metered
from anprgen.geometry import bounds
from anprgen.shot import Shot
from anprgen.solve import camera_of, corners_px, outline_world
from anprgen.textures import Textures, rasterize, texels


def textures_of(shot: Shot, artworks: list[Artwork], texels_a_px: float) -> list[Textures]:
    """Textures of each plate, as fine as the picture needs."""
    camera = camera_of(shot)
    out = []
    for plate, artwork in zip(shot.plates, artworks):
        outline = camera.project(outline_world(plate, 100.0))
        # Of a plate behind the camera nothing is seen: the coarsest texture does.
        x0, _, x1, _ = bounds(outline) if np.isfinite(outline).all() else (0.0, 0.0, 0.0, 0.0)
        # Seen at an angle, the near side is finer than the mean: the width alone would starve it.
        scale = max(1e-3, (x1 - x0) / plate.size_mm[0]) / max(
            0.35, abs(np.cos(np.radians(shot.view.yaw_deg)))
        )
        size = texels(artwork.size_mm, texels_a_px * float(scale))
        out.append(rasterize(artwork, plate.make, size))
    return out


def enlarged(shot: Shot, scale: int) -> Shot:
    """The shot on a sensor with `scale` times as many pixels each way, for the renderer alone."""
    assert shot.solved is not None
    s = shot.solved
    large = replace(
        s,
        focal_px=s.focal_px * scale,
        cx=s.cx * scale,
        cy=s.cy * scale,
        render=s.render.times(scale),
    )
    return replace(shot, solved=large)


def context(shot: Shot) -> degradations.Context:
    """What the camera's stages may know of a shot."""
    assert shot.solved is not None
    s, m = shot.solved, shot.moment
    corners = corners_px(shot, camera_of(shot))
    return degradations.Context(
        frame_width_px=shot.frame.width_px,
        frame_height_px=shot.frame.height_px,
        focal_px=s.focal_px,
        cx=s.cx,
        cy=s.cy,
        window=s.window,
        render=s.render,
        crop=s.crop,
        output_px=s.output_px,
        seed=shot.seed,
        index=shot.index,
        light_kind=shot.light.kind,
        light_rgb=shot.light_rgb if m is None else believed(shot.light_rgb, m),
        metered=None if m is None else metered(shot.light.kind, m),
        still_index=shot.index if m is None else m.sequence,
        stages=shot.camera,
        quad=tuple(map(tuple, corners.tolist())) if np.isfinite(corners).all() else (),
    )


def camera_record(shot: Shot) -> dict[str, Any]:
    """Camera matrix in frame px, pose (world mm to camera), and how frame px become picture px."""
    assert shot.solved is not None
    s = shot.solved
    return {
        "matrix": [[s.focal_px, 0, s.cx], [0, s.focal_px, s.cy], [0, 0, 1]],
        "world_to_camera": [list(r) for r in s.world_to_camera],
        "frame_px": [shot.frame.width_px, shot.frame.height_px],
        "crop": list(s.crop),
    }
