# SPDX-License-Identifier: Apache-2.0
"""What a plate loses over the years: colour, paint, corners; and the rust it gains.

Each layer takes the surface, the plate, its places on the atlas, and an amount above 0 up to 1.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.grunge import Places, random_of
from anprgen.mounting import bolts, holes
from anprgen.shot import MountedPlate
from anprgen.surface import Surface, near_rim, slopes, step

F32 = NDArray[np.float32]

_STEEL = (0.42, 0.42, 0.43)
_RUST = (0.155, 0.058, 0.022)


def grain(surface: Surface, plate: MountedPlate, places: Places) -> None:
    """The sheeting's own pattern: prisms in sealed cells, or glass beads, as flash shows it."""
    amount = plate.make.grain
    if plate.make.grain_kind == "prisms":
        (x, y), pitch = places.mm(), 4.6
        seen = float(np.clip(pitch / places.pitch_mm / 3 - 0.33, 0, 1))  # finer is grey
        turn = np.float32(2 * np.pi / pitch)
        cells = np.cos((x + y * 0.58) * turn) * np.cos((x - y * 0.58) * turn)
        pattern = np.abs(cells) ** 0.5 - 0.75
        surface.shimmer(np.asarray(pattern * (0.5 * amount * seen), np.float32), 0.12)
    else:
        beads = places.look_up("grain", stretch=(3.0, 3.0)) - 0.5
        surface.shimmer(np.asarray(beads * (0.6 * amount), np.float32), 0.2)


def fade(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Sun: foil greys, sheeting pales, unevenly."""
    cover = np.float32(amount) * (0.6 + 0.4 * places.look_up("clouds"))
    surface.lay((0.5, 0.48, 0.44), cover, on_ink=0.14, on_sheet=0.5, blocks=0.0)
    surface.roughness += (0.85 - surface.roughness) * np.float32(0.5 * amount)


def fade_ink(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Ink that the sun has bleached while the sheeting kept its colour, more at one side."""
    clouds = places.look_up("clouds", stretch=(0.3, 0.3))
    cover = np.float32(amount) * (0.3 + 0.6 * clouds)
    pale = surface.sheet * np.float32(0.5) + np.float32(0.2)
    surface.lay(pale, cover, on_sheet=0.0, blocks=0.0, roughness=0.6)


def repaint(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Glyphs painted over by hand: an edge that wavers, missed spots, the brush's gloss."""
    blur = max(1.6 / places.pitch_mm, 0.3)
    soft = cv2.GaussianBlur(surface.ink, (0, 0), blur)
    waver = places.look_up("grain", stretch=(0.3, 0.3)) - 0.5
    missed = step(places.look_up("clouds", stretch=(2.0, 2.0)), 0.04 + 0.1 * amount, 0.16)
    waver = waver * step(soft, 0.02, 0.2)  # no paint far from a glyph
    painted = step(soft + (0.9 * amount) * waver, 0.36, 0.5) * missed * min(1.0, 2 * amount)
    brush = places.look_up("clouds", stretch=(0.7, 6.0))
    surface.paint(surface.ink_color * np.float32(0.8) + np.float32(0.006), painted)
    surface.roughness += (0.2 + 0.25 * brush - surface.roughness) * painted


def rub_tops(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Paint rubbed off the tops of embossed glyphs, in streaks, as brushes and cloths do."""
    highest = float(surface.rise.max())
    if highest < 0.3:  # printed flat
        return
    top = step(surface.rise, 0.45 * highest, 0.9 * highest)
    streaks = 0.5 * places.look_up("clouds", stretch=(0.8, 4.0)) + 0.5 * places.look_up("grain")
    share = top * step(amount * 1.05 - streaks, 0.0, 0.1)
    surface.rub(surface.sheet * np.float32(0.72) + np.float32(0.09), share)


def rub_edges(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Foil rubs off where it stands high and near the rim, down to the sheet."""
    threshold = amount * (0.1 + 0.55 * near_rim(places, plate.size_mm) + 0.22 * surface.foot)
    noise = 0.65 * places.look_up("clouds") + 0.35 * places.look_up("grain")
    share = step(threshold - noise, 0.0, 0.08) * min(amount / 0.02, 1.0)
    surface.rub(surface.sheet * np.float32(0.65) + np.float32(0.12), share)


def scratch(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Scratches down to bare metal."""
    low = 1.0 - amount * 0.8
    line = places.look_up("scratches", lambda a: step(a, low, low + 0.02))
    surface.lay(_STEEL, line * np.float32(0.8 * min(amount / 0.02, 1.0)), blocks=1.125)


def rust(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Rust from bolts, holes and the rim, and where rain has carried it down."""
    x, y = places.mm()
    rough = 0.5 * places.look_up("clouds", stretch=(2.0, 2.0)) + 0.5 * places.look_up("grain")
    sideways = places.look_up("clouds", stretch=(3.0, 0.4)) - 0.5
    cover = np.zeros((y.size, x.size), np.float32)
    for one in (*bolts(plate), *holes(plate)):
        radius, reach = one.diameter_mm / 2, 5.0 + 16.0 * amount
        away = np.hypot(x - one.x_mm, y - one.y_mm) - radius
        halo = np.exp(-np.maximum(away, 0) / (0.45 * reach))
        below = np.maximum(y - one.y_mm, 0)
        beside = (x - one.x_mm + sideways * 5) / (0.6 * radius + 0.03 * below)
        run = (y > one.y_mm) * np.exp(-below / (14 + 60 * amount) - beside**2)
        cover = np.maximum(cover, np.maximum(halo, 0.75 * run))
    width, height = plate.size_mm
    rim = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    cover = np.maximum(cover, np.exp(-rim / (1.5 + 5.0 * amount)) * step(rough, 0.45, 0.75))
    cover *= np.float32(min(1.0, 0.35 + amount)) * step(rough, 0.5 - 0.55 * amount, 0.8)
    cover *= np.float32(min(amount / 0.05, 1.0))
    cover = np.minimum(cover * np.float32(1.7), 0.93)
    surface.lay(_RUST, np.asarray(cover, np.float32), roughness=0.9)


def dent(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Dents, creases and bent corners, as the light shows them.

    Only normals turn: the sheet's points stay, so labels do. At a view of 30 degrees a dent of 5 mm
    would move what is in it by 3 mm.
    """
    random = random_of(plate.wear.seed_w + 0.375)
    (x, y), (width, height) = places.mm(), plate.size_mm
    depth = np.zeros((y.size, x.size), np.float32)
    for _ in range(1 + int(4 * amount)):
        at_x, at_y = random.random() * width, random.random() * height
        wide, tall = (12 + 55 * random.random() for _ in "xy")
        deep = amount * random.normal(0, 4.5)
        depth += np.float32(deep) * np.exp(-(((x - at_x) / wide) ** 2) - ((y - at_y) / tall) ** 2)
    if random.random() < 0.2 + 0.6 * amount:  # a fold across
        turn, at = random.normal(np.pi / 2, 0.5), random.random() * width
        off = (x - at) * np.sin(turn) - (y - height / 2) * np.cos(turn)
        depth += np.float32(amount * 4.0 * random.normal()) * np.exp(-np.abs(off) / 9.0)
    for cx, cy in ((0, 0), (width, 0), (width, height), (0, height)):
        bent = random.random() < 0.35 * amount + 0.1
        away = 30 + 60 * random.random() - np.abs(x - cx) - np.abs(y - cy)
        turned = amount * random.normal(0, 0.5)
        if bent:
            depth += np.float32(turned) * np.maximum(away, 0).astype(np.float32) ** 1.3 / 3
    surface.slope += slopes(depth, plate.size_mm)


def crack(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """A sheet of acrylic that is cracked from its corners; the worst lose one."""
    random = random_of(plate.wear.seed_w + 0.25)
    (x, y), (width, height) = places.mm(), plate.size_mm
    size = places.size_px
    px = np.array([size[0] / width, size[1] / height])
    lines = np.zeros((size[1], size[0]), np.uint8)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    middle = np.array([width / 2, height / 2])
    for corner in corners[random.permutation(4)[: 1 + int(3 * amount)]]:
        inwards = middle - corner
        inwards[int(random.random() < 0.6)] = 0.0  # it begins on one of the corner's two edges
        at = corner + 0.8 * random.random() * inwards
        heading = np.arctan2(*(middle - at)[::-1]) + random.normal(0, 0.5)
        points = [at]
        for _ in range(int(5 + 16 * amount)):
            heading += random.normal(0, 0.22)
            points.append(points[-1] + 6.0 * np.array([np.cos(heading), np.sin(heading)]))
        drawn = np.rint((np.array(points) * px - 0.5) * 16).astype(np.int32)
        thick = max(1, round(1.1 / places.pitch_mm))
        cv2.polylines(lines, [drawn], False, 255, thick, cv2.LINE_AA, shift=4)
    faint = min(1.0, 1.1 / places.pitch_mm) * min(1.0, 0.5 + amount) * min(amount / 0.05, 1.0)
    cover = lines.astype(np.float32) * np.float32(faint / 255)
    surface.lay((0.03, 0.028, 0.025), cover, roughness=0.7)
    if amount > 0.4:  # a corner is gone
        cx, cy = corners[random.integers(4)]
        far = 12 + 55 * (amount - 0.4) * (0.6 + 0.4 * random.random())
        jag = 6.0 * (places.look_up("grain", stretch=(0.25, 0.25)) - 0.5)
        lean = 0.6 + 0.8 * random.random()
        beyond = far - np.abs(x - cx) * lean - np.abs(y - cy) / lean + jag
        surface.take_away(step(beyond, 0.0, max(1.0, 1.5 * places.pitch_mm)))
