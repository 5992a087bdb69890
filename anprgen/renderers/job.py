# SPDX-License-Identifier: Apache-2.0
"""What Blender's process is told about a shot: a job, as JSON values."""

from __future__ import annotations

import hashlib
from typing import Any

from anprgen.condition import Mount
from anprgen.errors import RenderError
from anprgen.illuminant import colours, sky_share
from anprgen.light import Light
from anprgen.mounting import bolts, frame_bar, holes
from anprgen.renderers.lettering import advert, words
from anprgen.shot import MountedPlate, Shot, to_json
from anprgen.surface import foil_roughness


def cycles_seed(shot: Shot) -> int:
    """Noise pattern of a shot: 31 bits by its address."""
    address = f"{shot.seed}/{shot.render_index}/cycles"
    digest = hashlib.blake2b(address.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") & 0x7FFFFFFF


def scene(shot: Shot) -> dict[str, Any]:
    """What a job says about the scene; lengths in mm, matrices 4x4 by rows."""
    solved = shot.solved
    if solved is None:
        raise RenderError("this shot has not been solved: it has no camera")
    window = solved.render
    return {
        "camera": {
            "focal_px": solved.focal_px,
            "cx": solved.cx,
            "cy": solved.cy,
            "world_to_camera": solved.world_to_camera,
            "window": [window.x0, window.y0, window.width, window.height],
        },
        "light": _light(shot.light),
        "vehicle": to_json(shot.vehicle) | {"words": _words(shot)},
        "plates": [_plate(p) for p in shot.plates],
    }


def _light(light: Light) -> dict[str, Any]:
    """The light's numbers, and its colours (linear Rec. 709) by name under ``rgb``."""
    rgb = {name: c.tolist() for name, c in colours(light).items()}
    return {**to_json(light), "rgb": rgb, "sky_share": sky_share(light)}


def _words(shot: Shot) -> list[dict[str, Any]]:
    return [] if shot.vehicle.badge == "none" else words(shot.vehicle.seed_w)


def _has_advert(mount: Mount) -> bool:
    return mount.frame == "dealer" and mount.frame_text != "none"


def _plate(plate: MountedPlate) -> dict[str, Any]:
    bar = frame_bar(plate)
    return {
        "size_mm": list(plate.size_mm),
        "plate_to_world": plate.plate_to_world,
        "curvature_per_m": plate.make.curvature_per_m,
        "corner_mm": plate.corner_radius_mm,
        "make": to_json(plate.make),
        "foil_roughness": foil_roughness(plate.make),
        "mount": to_json(plate.mount),
        "bolts": [to_json(b) for b in bolts(plate)],
        "holes": [to_json(b) for b in holes(plate)],
        "frame": to_json(bar) if bar else None,
        "advert": advert(plate.mount.seed_w) if _has_advert(plate.mount) else None,
    }
