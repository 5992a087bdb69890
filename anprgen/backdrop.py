# SPDX-License-Identifier: Apache-2.0
"""A photograph behind rendered vehicles, put there in linear light, before the camera.

The renderer shows the vehicles on a plain grey ground and says which px they cover. What light the
ground has there, against what it would have alone, is their shadow: the photograph takes the
ground's place times that. So lens, blur, noise and file act on both alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.backgrounds import LINEAR, BackgroundFolder
from anprgen.colour import LUMA
from anprgen.geometry import eye_of
from anprgen.photo_noise import without_noise
from anprgen.shot import Shot
from anprgen.solve import camera_of

F32 = NDArray[np.float32]

#: What the lower part of a photograph reflects in the mean: roads, walls, grass.
MEAN_REFLECTANCE = 0.15
#: White in a photograph was as bright as white or brighter: by up to so much more.
_HIGHLIGHTS = 1.5
#: Distance (mm) from which on no shadow is looked for, and over which it ends.
_FAR_MM, _FADE_MM = 45_000.0, 30_000.0
#: A shadow takes all light at the most; lamps on the vehicle may add some.
_DARKEST, _BRIGHTEST = 0.03, 4.0
#: Share of what a lamp above throws on a facing plane that things around it get.
_OVERHEAD = 0.4


def photographed(shot: Shot, folder: BackgroundFolder) -> F32:
    """Linear light [h, w, 3] of the photograph over the shot's rendered window.

    The mean of its lower part is `MEAN_REFLECTANCE` times the drawn exposure, its colour that of
    the shot's light: the camera's white balance, which takes that away, leaves the photograph's
    own. Its noise is taken away, where its px are largest. A margin beyond it mirrors it.
    """
    assert shot.solved is not None
    assert shot.background is not None
    own, window = shot.background, shot.solved.render
    facts, picture = folder.facts(own.photo), folder.picture(own.photo)
    if own.mirrored:
        picture = picture[:, ::-1]
    finer = shot.solved.cx * 2 / shot.frame.width_px  # a renderer may be asked for more px
    x0, y0, wide, _ = own.part_px
    scale = wide / shot.frame.width_px / finer  # px of the photograph a rendered one
    left, top = x0 + window.x0 * scale, y0 + window.y0 * scale
    a, b = int(np.floor(left)), int(np.floor(top))
    c = max(int(np.ceil(left + window.width * scale)), a + 2)
    d = max(int(np.ceil(top + window.height * scale)), b + 2)
    h, w = picture.shape[:2]
    inner = picture[max(b, 0) : max(min(d, h), 1), max(a, 0) : max(min(c, w), 1)]
    rgb = LINEAR[np.ascontiguousarray(inner)]
    rgb *= 1 + np.float32(_HIGHLIGHTS) * np.clip((rgb - 0.75) * 4, 0, 1) ** 2
    edges = (max(-b, 0), max(d - h, 0), max(-a, 0), max(c - w, 0))
    if any(edges):
        rgb = np.asarray(cv2.copyMakeBorder(rgb, *edges, cv2.BORDER_REFLECT_101), np.float32)
    size = (window.width, window.height)
    if scale >= 1:
        light = without_noise(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)))
    else:
        light = np.asarray(cv2.resize(without_noise(rgb), size, interpolation=cv2.INTER_CUBIC))
    level = MEAN_REFLECTANCE / facts.level * 2.0**own.exposure_ev
    colour = np.asarray(shot.light_rgb, np.float64) * level
    return np.maximum(np.asarray(cv2.transform(light, np.diag(colour)), np.float32), 0)


def compose(shot: Shot, light: F32, cover: F32, ground: Mapping[str, Any], photo: F32) -> F32:
    """The rendered light [h, w, 3] with the photograph wherever nothing of the scene is.

    Args:
        shot: solved.
        light: vehicles on the plain ground, before a plain sky.
        cover: what the vehicles, plates and signs take of each px, 0 to 1 [h, w].
        ground: of the renderer: ``reflectance`` of the ground, ``irradiance`` [3] that sky and sun
            throw on it where nothing stands, ``lamp`` above it or None.
        photo: of `photographed`.
    """
    reference, far = _unshaded(shot, ground)
    own = cover < 1e-3  # nothing of the scene
    behind = _spread(light, own, cover)
    shade = np.clip(behind / np.maximum(reference, 1e-6), _DARKEST, _BRIGHTEST)
    shade = 1 + (shade - 1) * (1 - far[..., None])
    photo = photo * np.float32(_around(shot, ground) / np.pi) * shade.astype(np.float32)
    rest = np.clip(1 - cover, 0, 1)[..., None]
    out = light + rest * (photo - behind)
    out[own] = photo[own]
    return np.ascontiguousarray(np.maximum(out, 0), np.float32)


def _around(shot: Shot, ground: Mapping[str, Any]) -> float:
    """Irradiance of what is around: between that of the ground and of an upright plane."""
    level = float(np.asarray(ground["irradiance"]) @ LUMA)
    upright = float(ground["upright"])
    lamp = ground["lamp"]
    return 0.5 * (level + upright) + (_OVERHEAD * float(lamp["facing"]) if lamp else 0.0)


def _unshaded(shot: Shot, ground: Mapping[str, Any]) -> tuple[F32, F32]:
    """Radiance [h, w, 3] of the ground where nothing stands, and where it is too far to tell.

    The latter is 0 near by and 1 beyond `_FAR_MM` and above the horizon. A lamp above the scene
    lights the ground around it, in the photograph too, so that belongs to what is not shaded.
    """
    assert shot.solved is not None
    camera, window = camera_of(shot), shot.solved.render
    x = (np.arange(window.width) + 0.5 + window.x0 - camera.cx) / camera.focal_px
    y = (np.arange(window.height) + 0.5 + window.y0 - camera.cy) / camera.focal_px
    turn = camera.world_to_camera[:3, :3]
    eye = eye_of(camera.world_to_camera)
    fall = turn[0, 2] * x[None] + turn[1, 2] * y[:, None] + turn[2, 2]  # z of each ray
    high = eye[2] - float(ground["z_mm"])
    way = np.where(fall < -1e-6, high / np.maximum(-fall, 1e-6), 1e9)
    length = way * np.sqrt(1 + x[None] ** 2 + y[:, None] ** 2)
    far = np.clip((length - _FAR_MM) / _FADE_MM, 0, 1)
    light = np.empty((*far.shape, 3))
    light[:] = ground["irradiance"]
    if lamp := ground["lamp"]:
        at = [
            eye[k] + way * (turn[0, k] * x[None] + turn[1, k] * y[:, None] + turn[2, k])
            for k in (0, 1)
        ]
        above = float(lamp["z_mm"]) - float(ground["z_mm"])
        away = [(a - lamp[k]) / 1000 for a, k in zip(at, ("x_mm", "y_mm"))]
        square = away[0] ** 2 + away[1] ** 2 + (above / 1000) ** 2
        facing = (above / 1000) / np.sqrt(square)
        amount = lamp["intensity"] / square * facing ** (2 if lamp["flat"] else 1)
        light += amount[..., None] * np.asarray(lamp["rgb"])
    return (light * (ground["reflectance"] / np.pi)).astype(np.float32), far.astype(np.float32)


def _spread(light: F32, own: NDArray[np.bool_], cover: F32) -> F32:
    """What is behind each px: the light itself where nothing covers it, else from beside it."""
    mixed = ~own & (cover < 1)
    if not mixed.any():
        return light
    weight = own.astype(np.float32)
    size = (5, 5)
    near = cv2.blur(weight, size)
    found = cv2.blur(light * weight[..., None], size) / np.maximum(near, 1e-4)[..., None]
    # Where nothing uncovered is near, whatever is further away.
    wide = cv2.blur(weight, (31, 31))
    further = cv2.blur(light * weight[..., None], (31, 31)) / np.maximum(wide, 1e-4)[..., None]
    out = np.where((near > 1e-3)[..., None], found, further)
    return np.where(own[..., None], light, out).astype(np.float32)
