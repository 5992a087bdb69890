# SPDX-License-Identifier: GPL-3.0-or-later
"""A pane before a plate, as of a windscreen: it mirrors what is before it, and tints a little."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mesh_parts import write_mesh
from nodes import Float, node, plug

_REACH = 900.0  # mm beyond the plate's middle
_TINT = (0.88, 0.92, 0.9)


def let_through(mount: dict[str, Any]) -> float:
    """What a tinted pane leaves of the light; 1 of any other."""
    return float(mount["pane_clear"]) if mount["paper"] == "yes" else 1.0


_IOR = 1.52


def _fresnel(cosine: float) -> float:
    """Share of unpolarised light that one face of the pane mirrors."""
    c = min(max(abs(cosine), 1e-3), 1.0)
    g = float(np.sqrt(_IOR**2 - 1 + c * c))
    return 0.5 * ((g - c) / (g + c)) ** 2 * (1 + ((c * (g + c) - 1) / (c * (g - c) + 1)) ** 2)


class Glass:
    """One pane for all shots, seen by the camera alone; it is not rendered when there is none."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._mesh = bpy.data.meshes.new("glass")
        self._thing = bpy.data.objects.new("glass", self._mesh)
        scene.collection.objects.link(self._thing)
        thing: Any = self._thing
        thing.visible_diffuse = thing.visible_glossy = thing.visible_transmission = False
        thing.visible_shadow = thing.visible_volume_scatter = False
        thing.hide_render = True
        material = bpy.data.materials.new("glass")
        material.use_nodes = True
        tree = material.node_tree
        tree.nodes.clear()
        self._clear = clear = node(tree, "ShaderNodeBsdfTransparent")
        clear.inputs["Color"].default_value = (*_TINT, 1.0)
        mirror = node(tree, "ShaderNodeBsdfGlossy", distribution="GGX")
        mirror.inputs["Roughness"].default_value = 0.0
        fresnel = node(tree, "ShaderNodeFresnel")
        fresnel.inputs["IOR"].default_value = _IOR
        self._strength = node(tree, "ShaderNodeValue")
        share = Float(tree, fresnel.outputs[0]) * Float(tree, self._strength.outputs[0])
        mix = node(tree, "ShaderNodeMixShader")
        # Two faces of the glass mirror, about twice as much as one.
        plug(tree, (share * 2.0).min(1.0), mix.inputs[0])
        tree.links.new(clear.outputs[0], mix.inputs[1])
        tree.links.new(mirror.outputs[0], mix.inputs[2])
        out = node(tree, "ShaderNodeOutputMaterial")
        tree.links.new(mix.outputs[0], out.inputs[0])
        self._mesh.materials.append(material)

    def set(self, plate: dict[str, Any] | None, eye: np.ndarray) -> None:
        """Puts the pane before a plate, as its mount says; away where there is no plate.

        Notes in ``plate["through"]`` the share of the rays from `eye` (x, y, z, 1; mm) that go on
        to the plate: a pass counts those, however little light they bring.
        """
        self._thing.hide_render = plate is None or plate["mount"]["glass"] <= 0
        if plate is None or self._thing.hide_render:
            return
        mount = plate["mount"]
        self._strength.outputs[0].default_value = mount["glass"]
        self._clear.inputs["Color"].default_value = (*(c * let_through(mount) for c in _TINT), 1.0)
        matrix = np.array(plate["plate_to_world"])
        lean = np.radians(mount["glass_tilt_deg"])
        # The nearest point lies above the plate's upper edge; what stands out of it stays behind.
        top = plate["size_mm"][1] / 2 + 10.0
        own = np.array([
            (x, -top + s * np.cos(lean), -mount["glass_gap_mm"] - (s + 250.0) * np.sin(lean), 1.0)
            for x, s in ((-_REACH, -250.0), (_REACH, -250.0), (_REACH, 900.0), (-_REACH, 900.0))
        ])  # fmt: skip
        points = (own @ matrix.T)[:, :3] / 1000
        normal = np.cross(points[1] - points[0], points[3] - points[0])
        way = eye[:3] - matrix[:3, 3]
        cosine = float(normal @ way / np.linalg.norm(normal) / np.linalg.norm(way))
        mirrored = min(2.0 * _fresnel(cosine) * mount["glass"], 1.0)
        passed = (1.0 - mirrored) * float(np.mean(_TINT)) * let_through(mount)
        plate["through"] = max(passed / (passed + mirrored), 0.05)
        # It faces the camera: seen from within, glass would mirror all at these slants.
        write_mesh(
            self._mesh, points, np.arange(3, -1, -1, dtype=np.int32)[None], np.zeros(1, np.bool_)
        )
