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

Points = NDArray[np.float64]
Frame = Callable[[Points], Points]


@dataclass(frozen=True)
class Paint:
    """A surface's looks: linear colour, roughness, metal 0..1, dirt 0..1."""

    rgb: tuple[float, float, float]
    roughness: float = 0.5
    metal: float = 0.0
    dirt: float = 0.3


def grey(value: float, roughness: float = 0.5, **more: float) -> Paint:
    """A colourless paint."""
    return Paint((value, value, value), roughness, **more)


class Parts:
    """Surfaces in world metres, added in local frames (mm) that map to the world (mm)."""

    def __init__(self) -> None:
        self._points: list[tuple[Frame, Points]] = []
        self._quads: list[NDArray[np.int32]] = []
        self._paint: list[tuple[tuple[float, ...], int]] = []
        self._smooth: list[tuple[bool, int]] = []
        self._count = 0

    def grid(
        self,
        points: Points,
        paint: Paint,
        frame: Frame,
        *,
        smooth: bool = True,
        close: bool = False,
        skip: NDArray[np.bool_] | None = None,
    ) -> None:
        """A net of quads over points [rows, columns, 3]; `close` joins last column to first.

        `skip` [rows - 1, columns - 1] leaves cells out.
        """
        rows, columns = points.shape[:2]
        index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
        if close:
            index = np.concatenate([index, index[:, :1]], 1)
        quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], 2)
        quads = quads.reshape(-1, 4) if skip is None else quads[~skip]
        self._points.append((frame, points.reshape(-1, 3)))
        self._quads.append(quads + self._count)
        row = (*paint.rgb, paint.roughness, paint.metal, paint.dirt, 0.0, 1.0)
        self._paint.append((row, rows * columns))
        self._smooth.append((smooth, len(quads)))
        self._count += rows * columns

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

    def write(self, mesh: bpy.types.Mesh) -> None:
        """Replaces the mesh's geometry."""
        world = self._world() / 1000.0
        write_mesh(
            mesh,
            world,
            np.concatenate(self._quads),
            np.repeat(*map(np.array, zip(*self._smooth))),
        )
        rows, counts = zip(*self._paint)
        paint = np.repeat(np.array(rows, np.float32), counts, axis=0)
        _soil(world, paint)
        for name, columns in (("paint", paint[:, :4]), ("finish", paint[:, 4:])):
            layer = mesh.attributes.get(name) or mesh.attributes.new(name, "FLOAT_COLOR", "POINT")
            layer.data.foreach_set("color", np.ascontiguousarray(columns).ravel())


#: Colour of road dirt, then its roughness.
_DIRT = np.array([0.16, 0.145, 0.12, 0.8], np.float32)


def _soil(points_m: Points, paint: NDArray[np.float32]) -> None:
    """Lays a cloudy film of dirt over the vertices' colours: less costly than in the material."""
    x, y, z = points_m.T
    cloud = np.sin(7.1 * x + 3.3 * z + 1.7) * np.sin(5.3 * z - 2.9 * x + 0.4) * np.cos(2.1 * y)
    film = (paint[:, 5] * (0.14 + 0.1 * cloud)).astype(np.float32)[:, None]
    paint[:, :4] += film * (_DIRT - paint[:, :4])


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
