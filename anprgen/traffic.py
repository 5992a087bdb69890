# SPDX-License-Identifier: Apache-2.0
"""Where further vehicles stand, so that they and their plates are seen and hide no other plate.

A place offers a list of stands. Each vehicle takes the first free one, counted from its drawn
rank, where it fits; one that fits nowhere is left out. Nothing is drawn again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anprgen.geometry import PLATE_TO_WORLD, Pinhole, Points, eye_of, rigid, rotation
from anprgen.parameters import Draw
from anprgen.scene import Neighbour, Scene, Stand
from anprgen.vehicle import Vehicle
from anprgen.vehicle_kinds import KINDS

#: Plates that would be narrower than this in the picture are not mounted.
LEAST_PX = 10.0


@dataclass(frozen=True)
class Footprint:
    """The room that a vehicle takes: its near end's middle on the ground, heading, size; mm."""

    x: float
    y: float
    ground: float
    heading_deg: float
    kind: str

    def inside(self, points: Points, grow: float = 0.0) -> Points:
        """Which of world points (n, 3) lie in it."""
        k = KINDS[self.kind]
        turn = math.radians(-self.heading_deg)
        dx, dy = points[:, 0] - self.x, points[:, 1] - self.y
        x = dx * math.cos(turn) - dy * math.sin(turn)
        y = dx * math.sin(turn) + dy * math.cos(turn)
        z = points[:, 2] - self.ground
        return np.asarray(
            (np.abs(x) < k.half_mm + grow)
            & (y > -grow)
            & (y < k.length_mm + grow)
            & (z < k.top_mm)
            & (z > -500)
        )

    def outline(self) -> Points:
        """Points (n, 3) along its edges and middle, knee-high."""
        k = KINDS[self.kind]
        turn = math.radians(self.heading_deg)
        x = np.array([-1, 0, 1])[:, None] * k.half_mm * np.ones(8)
        y = np.ones((3, 1)) * np.linspace(0, k.length_mm, 8)
        at = np.stack([x.ravel(), y.ravel()], 1)
        c, s = math.cos(turn), math.sin(turn)
        world = at @ np.array([[c, s], [-s, c]]) + (self.x, self.y)
        return np.column_stack([world, np.full(len(world), self.ground + 400.0)])


def hidden(eye: Points, target: Points, others: Sequence[Footprint]) -> bool:
    """Whether any of the footprints stands between the eye (3) and one of the targets (n, 3)."""
    share = np.linspace(0.0, 0.985, 90)
    for point in target:
        way = eye + share[:, None] * (point - eye)
        if any(o.inside(way, 60.0).any() for o in others):
            return True
    return False


def stands(scene: Scene) -> list[tuple[float, float, float]]:
    """(x, y, heading) of what can stand where, mm and degrees; plate 0 hangs at (0, 0)."""
    s = -1.0 if scene.side == "left" else 1.0  # where the kerb is
    lane = scene.lane_mm
    if scene.place == "car_park":
        bay = min(lane, 2900.0)
        out = [(k * bay, 0.0, 0.0) for k in (-1, 1, -2, 2, -3, 3, -4, 4)]
        out += [(k * bay, 15_500.0, 0.0) for k in (-3, -2, -1, 0, 1, 2, 3)]
        return [*out, (s * 2.2 * bay, 9_000.0, 90.0), (-s * 1.2 * bay, 10_200.0, -90.0)]
    if scene.place == "gate":
        return [
            (-s * (lane + 900), y, 0.0) for y in (1500.0, 9000.0, 17_000.0)
        ] + [(0.0, 8_500.0, 0.0), (0.0, 16_000.0, 0.0), (s * 2.2 * lane, 12_000.0, 90.0),
             (-s * 2.6 * lane, 20_000.0, 0.0)]  # fmt: skip
    if scene.place == "yard":
        return [
            (-s * 2900.0, 600.0, 0.0), (s * 2900.0, -300.0, 8.0 * s), (-s * 5800.0, 1500.0, 0.0),
            (s * 6000.0, 1200.0, 0.0), (-s * 8800.0, 500.0, 0.0),
        ]  # fmt: skip
    if scene.place == "kerb":
        out = [(0.0, y, 0.0) for y in (6_200.0, 12_600.0, 19_000.0, 26_000.0)]
        out += [(-s * lane, y, 0.0) for y in (1_500.0, 9_000.0, 18_000.0)]
        return out + [(-s * 2 * lane, y, 0.0) for y in (-500.0, 5_000.0, 14_000.0)]
    lanes = (-1, -2, 1) if scene.place == "highway" else (-1, -2)
    out = [(s * k * lane, y, 0.0) for k in lanes for y in (300.0, 7_000.0, 15_000.0, 26_000.0)]
    out += [(0.0, y, 0.0) for y in (9_000.0, 18_000.0, 30_000.0)]
    if scene.place == "street":
        out += [(s * (lane + 150), y, 0.0) for y in (1_000.0, 7_500.0, 14_500.0)]
        out += [(-s * 4_000.0, 38_000.0, 90.0)]
    return out


def plate_matrix(vehicle: Vehicle, neighbour: tuple[float, float, float], ground: float) -> Points:
    """Plate to world, 4x4, of a plate on a vehicle at (x, y, heading)."""
    x, y, heading = neighbour
    turn = rotation("z", heading) @ rotation("x", -vehicle.tilt_deg) @ PLATE_TO_WORLD
    return rigid(turn, np.array([x, y, ground + vehicle.plate_height_mm]))


def find_stands(
    draw: Draw,
    scene: Scene,
    main: Vehicle | None,
    ground: float,
    further: Sequence[tuple[Vehicle, tuple[float, float] | None]],
    camera: Pinhole,
    frame_px: tuple[int, int],
) -> list[tuple[int, Neighbour]]:
    """Stands of further vehicles: (number, neighbour without its plate's number).

    Args:
        draw: draws each one's rank, shift and turn at ``stand.<n>``.
        scene: the place.
        main: the vehicle in front, or None.
        ground: z of the ground.
        further: each vehicle with the size of its plate, or None without one.
        camera: before its lens.
        frame_px: the sensor's width and height.
    """
    eye = eye_of(camera.world_to_camera)
    taken: list[Footprint] = []
    seen: list[Points] = []  # the corners of plates that must stay free
    if main is not None:
        taken.append(Footprint(0.0, 60.0, ground, 0.0, main.kind))
        seen.append(np.array([[x, 0.0, z] for x in (-260.0, 260.0) for z in (-100.0, 100.0)]))
    free = stands(scene)
    out: list[tuple[int, Neighbour]] = []
    for n, (vehicle, size) in enumerate(further, 1):
        own = draw.group(Stand, f"stand.{n}")
        start = int(own.rank * len(free)) if free else 0
        for at in [*free[start:], *free[:start]]:
            x, y = at[0] + own.shift_x_mm, at[1] + own.shift_y_mm
            heading = at[2] + own.turn_deg
            foot = Footprint(x, y + 60.0, ground, heading, vehicle.kind)
            edge = foot.outline()
            if any(o.inside(edge, 250.0).any() for o in taken):
                continue
            if foot.inside(eye[None], 900.0).any() or _before(eye, edge):
                continue
            if any(hidden(eye, corners, [foot]) for corners in seen):
                continue
            if size is not None:
                matrix = plate_matrix(vehicle, (x, y, heading), ground)
                corners = _corners(matrix, size)
                if not _shows(corners, camera, frame_px) or hidden(eye, corners, taken):
                    continue
                seen.append(corners)
            taken.append(foot)
            free.remove(at)
            out.append((n, Neighbour(vehicle, x, y, heading)))
            break
    return out


def _before(eye: Points, edge: Points) -> bool:
    """Whether something stands so near to the camera that it would fill the picture."""
    return bool((np.hypot(edge[:, 0] - eye[0], edge[:, 1] - eye[1]) < 2200).any())


def _corners(matrix: Points, size: tuple[float, float]) -> Points:
    w, h = size[0] / 2, size[1] / 2
    flat = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]])
    return np.asarray(flat @ matrix[:3, :3].T + matrix[:3, 3])


def _shows(corners: Points, camera: Pinhole, frame_px: tuple[int, int]) -> bool:
    """Whether a plate faces the camera and its middle is inside the frame, wide enough."""
    px = camera.project(corners)
    if not np.isfinite(px).all():
        return False
    middle = px.mean(0)
    if not (0 < middle[0] < frame_px[0] and 0 < middle[1] < frame_px[1]):
        return False
    turn = (px[1] - px[0])[0] * (px[2] - px[1])[1] - (px[1] - px[0])[1] * (px[2] - px[1])[0]
    return bool(turn > 0 and np.hypot(*(px[1] - px[0])) >= LEAST_PX)
