# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects small surfaces into one mesh: positions, facets, and how each surface is painted.

One mesh with colours in its vertices keeps a scene at one object and one material, whatever
stands around the plate; Cycles then rebuilds one small BVH per shot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray
from plate_lamps import PlateLamps, around

Points = NDArray[np.float64]
Frame = Callable[[Points], Points]


@dataclass(frozen=True)
class Paint:
    """A surface's looks: linear colour, roughness, metal 0..1, dirt 0..1, clear coat 0..1.

    `glow` times the colour is light that it sends to the camera, and to nothing else. `tile` is
    the number of a picture in `places.tiles` that the colour is multiplied with.
    """

    rgb: tuple[float, float, float]
    roughness: float = 0.5
    metal: float = 0.0
    dirt: float = 0.3
    glow: float = 0.0
    coat: float = 0.0
    tile: int = 0


def grey(value: float, roughness: float = 0.5, **more: float) -> Paint:
    """A colourless paint."""
    return Paint((value, value, value), roughness, **more)


#: Colours of dirt, then their roughness: road dust, soot, red earth.
_DIRTS = np.array(
    [[0.16, 0.145, 0.12, 0.8], [0.035, 0.033, 0.03, 0.85], [0.2, 0.12, 0.07, 0.85]], np.float32
)


@dataclass(frozen=True)
class Soil:
    """The film of dirt over everything: how much (0..1), and its own noise coordinate.

    It goes into the vertices' colours: less costly than in the material.
    """

    grime: float = 0.3
    seed_w: float = 0.0
    ground_m: float | None = None  # z of the ground under whole vehicles

    def lay(self, points_m: Points, paint: NDArray[np.float32]) -> None:
        """Blends dirt into paint (n, 8) at points (n, 3), the more the lower and in clouds."""
        random = np.random.Generator(np.random.Philox(key=int(abs(self.seed_w) * 1e6)))
        wave = random.normal(0, 1, (9, 3)) * np.array([6, 6, 6, 20, 20, 20, 70, 70, 70])[:, None]
        phase = random.random((9, 1)) * 2 * np.pi
        ripple = np.sin((wave @ points_m.T + phase).astype(np.float32))
        cloud = ripple[0] * ripple[1] + ripple[2] * ripple[3]
        mottle = ripple[4] * ripple[5] * 0.6 + ripple[6] * ripple[7] * ripple[8]
        # Dirt runs down: the streaks of one plate's height are the crop's.
        low = np.clip(0.5 - 2.5 * points_m[:, 2], 0, 1)
        if self.ground_m is not None:  # from the wheels upwards, over wide surfaces
            low, mottle = np.clip(1.1 - (points_m[:, 2] - self.ground_m) / 0.75, 0, 1), 0.0 * mottle
        amount = 0.05 + self.grime * (0.12 + 0.1 * cloud + 0.12 * mottle + 0.25 * low)
        film = np.clip(paint[:, 5] * amount, 0, 0.9).astype(np.float32)[:, None]
        kind = _DIRTS[random.choice(3, p=(0.6, 0.22, 0.18))]
        paint[:, :4] += film * (kind - paint[:, :4])


class Parts:
    """Surfaces in world metres, added in local frames (mm) that map to the world (mm)."""

    def __init__(self, soil: Soil | None = None) -> None:
        self._soil = soil or Soil()
        self._points: list[tuple[Frame, Points]] = []
        self._quads: list[NDArray[np.int32]] = []
        self._paint: list[tuple[tuple[float, ...], int]] = []
        self._smooth: list[tuple[bool, int]] = []
        self._tiles: list[tuple[int, int]] = []
        self._tints: list[tuple[int, NDArray[np.float64]]] = []
        self._count = 0
        self._lamps: list[tuple[PlateLamps, Points, float]] = []

    def grid(
        self,
        points: Points,
        paint: Paint,
        frame: Frame,
        *,
        smooth: bool = True,
        close: bool = False,
        skip: NDArray[np.bool_] | None = None,
        tint: NDArray[np.float64] | None = None,
    ) -> None:
        """A net of quads over points [rows, columns, 3]; `close` joins last column to first.

        `skip` [rows - 1, columns - 1] leaves cells out; `tint` [rows, columns] multiplies colours.
        """
        rows, columns = points.shape[:2]
        index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
        if close:
            index = np.concatenate([index, index[:, :1]], 1)
        quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], 2)
        quads = quads.reshape(-1, 4) if skip is None else quads[~skip]
        self._points.append((frame, points.reshape(-1, 3)))
        self._quads.append(quads + self._count)
        if tint is not None:
            self._tints.append((self._count, tint.ravel()))
        self._looks(paint, rows * columns, smooth, len(quads))
        self._count += rows * columns

    def lamps_of(self, lamps: PlateLamps, matrix: Points, height_mm: float) -> None:
        """Lights what is behind a plate by its own lamps, for the camera alone."""
        self._lamps.append((lamps, matrix, height_mm))

    def box(
        self, low: Points | list[float], high: Points | list[float], paint: Paint, frame: Frame
    ) -> None:
        """An axis-aligned box in the frame, sharp edges."""
        x0, y0, z0 = low
        x1, y1, z1 = high
        ring = [(x0, z0), (x1, z0), (x1, z1), (x0, z1)]
        net = np.array([[(x, y, z) for x, z in [*ring, ring[0]]] for y in (y0, y1)], np.float64)
        self.grid(net, paint, frame, smooth=False)
        for y in (y0, y1):
            cap = np.array([[(x0, y, z0), (x1, y, z0)], [(x0, y, z1), (x1, y, z1)]], np.float64)
            self.grid(cap, paint, frame, smooth=False)

    def flat(self, rectangles: Points, depth: float, paint: Paint, frame: Frame) -> None:
        """Upright rectangles [n, (x0, y0, x1, y1)] at one depth, as marks on a surface."""
        x0, y0, x1, y1 = rectangles.T
        z = np.full(len(rectangles), depth)
        corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
        points = np.stack([np.column_stack([x, y, z]) for x, y in corners], 1).reshape(-1, 2, 3)
        # A tall net of pairs; the cells between two rectangles are left out.
        skip = np.arange(len(points) - 1)[:, None] % 2 == 1
        self.grid(points, paint, frame, smooth=False, skip=skip)

    def flat_upright(self, rectangles: Points, depth: float, paint: Paint, frame: Frame) -> None:
        """Rectangles [n, (x0, z0, x1, z1)] at one depth of a panel (x along, y into, z up)."""
        x0, z0, x1, z1 = rectangles.T
        # Cut across, so that they bend with the panel.
        count = int(np.ceil((x1 - x0).max() / 50.0))
        cuts = np.linspace(x0, x1, count + 1)
        x0, x1 = cuts[:-1].ravel(), cuts[1:].ravel()
        z0, z1 = np.tile(z0, count), np.tile(z1, count)
        y = np.full(len(x0), depth)
        corners = [(x0, z0), (x1, z0), (x1, z1), (x0, z1)]
        self.facets(np.stack([np.column_stack([x, y, z]) for x, z in corners], 1), paint, frame)

    def facets(
        self, corners: Points, paint: Paint, frame: Frame, tint: NDArray[np.float64] | None = None
    ) -> None:
        """Loose quads [n, 4, 3], corners in turn; `tint` [n] multiplies their colours."""
        count = 4 * len(corners)
        if tint is not None:
            self._tints.append((self._count, np.repeat(tint, 4)))
        self._points.append((frame, corners.reshape(-1, 3)))
        self._quads.append(np.arange(count, dtype=np.int32).reshape(-1, 4) + self._count)
        self._looks(paint, count, False, len(corners))
        self._count += count

    def _looks(self, paint: Paint, points: int, smooth: bool, quads: int) -> None:
        finish = (paint.metal, paint.dirt, paint.glow, paint.coat)
        row = (*paint.rgb, paint.roughness, *finish)
        self._paint.append((row, points))
        self._smooth.append((smooth, quads))
        self._tiles.append((paint.tile, points))

    def _world(self) -> Points:
        """All points in world mm; each frame is asked once."""
        world = np.empty((self._count, 3))
        by_frame: dict[Frame, list[tuple[int, Points]]] = {}
        start = 0
        for frame, points in self._points:
            by_frame.setdefault(frame, []).append((start, points))
            start += len(points)
        for frame, pieces in by_frame.items():
            moved = frame(np.concatenate([points for _, points in pieces]))
            done = 0
            for start, points in pieces:
                world[start : start + len(points)] = moved[done : done + len(points)]
                done += len(points)
        return world

    def write(self, mesh: bpy.types.Mesh, tiled: bool = False) -> None:
        """Replaces the mesh's geometry; `tiled` gives its points places in the tiles' pictures."""
        world = self._world() / 1000.0
        write_mesh(
            mesh,
            world,
            np.concatenate(self._quads),
            np.repeat(*map(np.array, zip(*self._smooth))),
        )
        rows, counts = zip(*self._paint)
        paint = np.repeat(np.array(rows, np.float32), counts, axis=0)
        for start, tint in self._tints:
            paint[start : start + len(tint), :3] *= tint[:, None]
        self._soil.lay(world, paint)
        for lamps, matrix, height_mm in self._lamps:
            matt = 1.0 - paint[:, 4]  # metal scatters nothing
            paint[:, 6] += matt * around(lamps, matrix, height_mm, world) / np.pi
        if tiled:
            layer = mesh.attributes.get("tile") or mesh.attributes.new(
                "tile", "FLOAT_VECTOR", "POINT"
            )
            layer.data.foreach_set("vector", self._tile_places(world).ravel())
        for name, columns in (("paint", paint[:, :4]), ("finish", paint[:, 4:])):
            layer = mesh.attributes.get(name) or mesh.attributes.new(name, "FLOAT_COLOR", "POINT")
            layer.data.foreach_set("color", np.ascontiguousarray(columns).ravel())

    def _tile_places(self, world_m: Points) -> NDArray[np.float32]:
        """(u, v) in metres on the two axes along which each surface is longest, and its tile."""
        places = np.zeros((self._count, 3), np.float32)
        start = 0
        for tile, count in self._tiles:
            if tile:
                points = world_m[start : start + count]
                places[start : start + count, :2] = (
                    points[:, np.sort(_long_axes(points))] / METRES[tile]
                )
                places[start : start + count, 2] = tile
            start += count
        return places


#: Metres that one repeat of a tile covers, by its number (`places.tiles`).
METRES = (1.0, 1.3, 1.7, 1.2, 1.4, 1.6, 2.6, 1.1)


def _long_axes(points: Points) -> NDArray[np.int64]:
    return np.argsort(-np.ptp(points, axis=0), kind="stable")[:2]


def write_mesh(
    mesh: bpy.types.Mesh,
    points_m: Points,
    quads: NDArray[np.int32],
    smooth: NDArray[np.bool_],
) -> None:
    """Replaces a mesh by quads over points (n, 3) in metres, keeping the datablock."""
    mesh.clear_geometry()
    mesh.vertices.add(len(points_m))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(points_m, np.float32).ravel())
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(quads, np.int32).ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ascontiguousarray(smooth, np.bool_))
    mesh.update(calc_edges=True)
