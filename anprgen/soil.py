# SPDX-License-Identifier: Apache-2.0
"""What lies on a plate: dirt, water, snow, insects, stickers.

Each layer takes the surface, the plate, its places on the atlas, and an amount above 0 up to 1.
"""

from __future__ import annotations

import colorsys
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.grunge import Places, random_of
from anprgen.shot import MountedPlate
from anprgen.surface import Surface, near_rim, slopes, step

F32 = NDArray[np.float32]


def stain(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Water stains: runs and rings."""
    run = step(places.look_up("clouds", stretch=(2.6, 0.22)), 0.5, 0.95) * 0.75
    run += step(places.look_up("clouds") - 0.55, 0.0, 0.06) * 0.12
    surface.lay((0.19, 0.165, 0.13), run * np.float32(0.62 * amount), blocks=0.8)


def dry_out(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Lines of lime where puddles of water have dried from their edges inwards, ring by ring."""
    clouds = places.look_up("clouds", stretch=(0.8, 1.1))
    wide = max(0.07, 0.03 * places.pitch_mm)
    ring = 1.0 - np.abs((clouds * 4.0) % 1.0 - 0.5) / wide
    inside = 0.25 * step((clouds * 4.0) % 1.0, 0.5, 1.0)
    cover = np.maximum(step(ring, 0.0, 1.0) * 0.6, inside) * step(clouds, 0.25, 0.4)
    surface.lay(
        (0.36, 0.335, 0.28), np.asarray(cover * (0.9 * amount), np.float32), blocks=0.6,
        roughness=0.8,
    )  # fmt: skip


def dust(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """A film of dust, thicker at the rim and at the glyphs' feet."""
    d = plate.wear.dust_lightness
    film = 0.25 + 0.5 * places.look_up("clouds") + 0.2 * places.look_up("grain")
    film += 0.35 * near_rim(places, plate.size_mm) + 0.3 * surface.foot
    film = np.minimum(film * np.float32(amount), 0.92)
    # Smooth foil holds less of it.
    surface.lay((d * 1.12, d, d * 0.84), film, on_ink=0.6, roughness=0.85)


def _mud_color(plate: MountedPlate) -> tuple[float, float, float]:
    d = plate.wear.dust_lightness
    return (d * 0.62, d * 0.47, d * 0.33)


def mud(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Mud from below, with an uneven edge, and splashes above it."""
    wear, height = plate.wear, plate.size_mm[1]
    _, y = places.mm()
    clouds = places.look_up("clouds")
    low = (y - height) / height + wear.mud_height + (clouds - 0.6) * 0.5
    level = step(low, 0.0, 0.35) * (0.55 + 0.45 * places.look_up("grain"))
    few = 1.0 - amount * np.maximum(0.35 + 0.5 * (low + 0.5), 0.04)
    splashes = _spots(places, "drops", few)
    cover = np.maximum(level * (1.25 * amount), splashes * (0.9 * min(amount / 0.02, 1.0)))
    surface.lay(_mud_color(plate), np.minimum(cover.astype(np.float32), 0.96), roughness=0.95)


def splash(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Mud thrown from one side: drops drawn out along their way, denser where they came from."""
    turn = plate.wear.splash_deg
    (x, y), (width, height) = places.mm(), plate.size_mm
    a = math.radians(turn)
    towards = (x / width * 2 - 1) * math.cos(a) + (y / height * 2 - 1) * math.sin(a)
    near = step(towards + 0.7 * (places.look_up("clouds") - 0.5), -1.3, 1.2)
    few = 1.0 - amount * (0.12 + 0.95 * near**1.5)
    cover = _spots(places, "drops", few, stretch=(0.4, 1.15), turn_deg=turn)
    cover = np.maximum(
        cover, _spots(places, "drops", few + 0.12, stretch=(0.55, 0.5), turn_deg=turn)
    )
    cover *= np.float32(0.93 * min(amount / 0.02, 1.0))
    surface.lay(_mud_color(plate), cover, roughness=0.9)


def _spots(
    places: Places,
    name: str,
    few: F32,
    stretch: tuple[float, float] = (1.0, 1.0),
    turn_deg: float = 0.0,
) -> F32:
    """Cover by the spots of a pattern whose values exceed `few` [h, w], averaged to texels."""
    k = places.finer
    if k > 1:
        few = np.asarray(cv2.resize(few.astype(np.float32), None, fx=k, fy=k), np.float32)
    found = places.look_up(name, finer=k, stretch=stretch, turn_deg=turn_deg)
    return places.down(step(found - few, 0.0, 0.05))


def insects(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Insects that a fast car has hit: dark bodies in pale smears."""
    random = random_of(plate.wear.seed_w + 0.5)
    (x, y), (width, height) = places.mm(), plate.size_mm
    rough = places.look_up("grain")
    smear, body = np.zeros((2, y.size, x.size), np.float32)
    for _ in range(1 + int(22 * amount)):
        at_x, at_y = random.random() * width, random.random() * height
        size = 1.2 + 3.2 * random.random() ** 2
        turn = random.random() * math.pi
        u = (x - at_x) * math.cos(turn) + (y - at_y) * math.sin(turn)
        v = (y - at_y) * math.cos(turn) - (x - at_x) * math.sin(turn)
        away = np.hypot(u / 2.2, v) / size
        smear = np.maximum(smear, step(1.5 - away - 0.7 * rough, 0.0, 0.5))
        body = np.maximum(body, step(1.05 - 1.6 * away - 0.3 * rough, 0.0, 0.3))
    strong = min(1.0, 0.4 + amount) * min(amount / 0.05, 1.0)
    surface.lay((0.38, 0.33, 0.17), smear * np.float32(0.55 * strong), roughness=0.4)
    surface.lay((0.035, 0.026, 0.016), body * np.float32(0.9 * strong), roughness=0.5)


def rain(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Rain: a film that glosses and darkens, drops that stand out of it, runs downwards."""
    k, least = places.finer, 1.0 - 0.9 * amount
    shown = places.look_up("drop_ranks", finer=k)
    caps = places.look_up("caps", finer=k) * step(shown, least, least + 0.02)
    streams = places.look_up("clouds", stretch=(5.0, 0.12), finer=k)
    streams = step(streams, 1.0 - 0.25 * amount, 1.02 - 0.12 * amount) * np.float32(0.6)
    water = places.down(np.maximum(caps, streams))
    surface.slope += slopes(water * np.float32(0.9 * min(amount / 0.1, 1.0)), plate.size_mm)
    wet = np.float32(0.6 * amount) + water * np.float32(0.4 * min(amount / 0.1, 1.0))
    surface.lay((0.02, 0.02, 0.02), np.asarray(wet * 0.22, np.float32), blocks=0.8)
    surface.roughness += (0.05 - surface.roughness) * np.minimum(wet * 1.6, 1.0)


def snow(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """Snow that sticks: caked from the rim inwards, and what is left of a flurry."""
    noise = 0.7 * places.look_up("clouds") + 0.3 * places.look_up("grain")
    lying = amount * (0.75 + 0.45 * near_rim(places, plate.size_mm) + 0.2 * surface.foot) - noise
    cover = step(lying, 0.0, 0.1) * np.float32(min(amount / 0.05, 1.0))
    surface.slope += slopes(cv2.GaussianBlur(step(lying, 0.0, 0.4), (3, 3), 0) * 3, plate.size_mm)
    surface.lay((0.82, 0.85, 0.9), cover * np.float32(0.97), roughness=0.75)


def stick(surface: Surface, plate: MountedPlate, places: Places, amount: float) -> None:
    """A sticker or seal, round or square, 15 to 60 mm, at times over a character's edge."""
    wear, (width, height) = plate.wear, plate.size_mm
    x, y = places.mm()
    random = random_of(wear.seed_w + 0.75)
    radius = min(7.5 + 22 * amount, 0.45 * height)
    u = (x - wear.sticker_x * width) / radius
    v = (y - wear.sticker_y * height) / radius
    turn = math.radians(random.normal(0, 7))
    u, v = u * math.cos(turn) + v * math.sin(turn), v * math.cos(turn) - u * math.sin(turn)
    soft = places.pitch_mm / radius

    def within(limit: float) -> F32:
        away = (
            np.hypot(u, v)
            if wear.sticker_kind == "round"
            else np.maximum(np.abs(u) / (1.35 if wear.sticker_kind == "oblong" else 1.0), np.abs(v))
        )
        return step(limit - away, -soft / 2, soft / 2)

    ground = colorsys.hsv_to_rgb(wear.sticker_hue, 0.75, 0.2 + 0.45 * random.random())
    pale = (0.7, 0.69, 0.66)
    if random.random() < 0.4:
        ground, pale = pale, ground
    surface.lay(ground, within(1.0), roughness=0.35)
    surface.lay(pale, within(0.78) * np.float32(0.95))
    # Figures and print that no camera reads: bars across, one of them heavy.
    bars = np.zeros((y.size, x.size), np.float32)
    for place, half in ((-0.42, 0.06), (0.0, 0.2), (0.4, 0.05), (0.55, 0.04)):
        ends = 0.3 + 0.25 * random.random()
        bar = step(half - np.abs(v - place), -soft / 2, soft / 2)
        gaps = step(np.cos(u * (9 + 14 * random.random())), -0.6, -0.2)
        bars = np.maximum(bars, bar * step(ends - np.abs(u), -soft / 2, soft / 2) * gaps)
    surface.lay(tuple(0.3 * c for c in ground), bars * within(0.78) * np.float32(0.9))
