# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain ground under vehicles that a photograph will stand behind: it catches their shadows.

It scatters evenly and shows nothing of its own, so its light against that of a ground where
nothing stands is the shadow. The pass `COVER` says what else takes of each px.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mesh_parts import write_mesh
from nodes import Socket, node

#: The pass that everything but the ground and the sky writes a 1 into.
COVER = "cover"
_REACH_M = 400.0


def covers(tree: bpy.types.NodeTree) -> None:
    """Makes a material count in the pass `COVER`, where a scene has that pass."""
    out = node(tree, "ShaderNodeOutputAOV", aov_name=COVER)
    out.inputs["Value"].default_value = 1.0


class Catcher:
    """The ground of all shots before photographs; other shots do not render it."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._mesh = bpy.data.meshes.new("catcher")
        self._thing = bpy.data.objects.new("catcher", self._mesh)
        scene.collection.objects.link(self._thing)
        self._thing.hide_render = True
        material = bpy.data.materials.new("catcher")
        material.use_nodes = True
        tree = material.node_tree
        tree.nodes.clear()
        self._shader = node(tree, "ShaderNodeBsdfDiffuse")
        out = node(tree, "ShaderNodeOutputMaterial")
        tree.links.new(Socket(tree, self._shader.outputs[0]).out, out.inputs[0])
        self._mesh.materials.append(material)

    def lie(self, scene: dict[str, Any] | None, lightness: float) -> None:
        """Puts it under the vehicles of a job's scene; away where no photograph is behind them."""
        show = scene is not None and scene["place"] == "photo"
        if self._thing.hide_render == show:
            self._thing.hide_render = not show
        if scene is None or not show:
            return
        r, z = _REACH_M, scene["ground_mm"] / 1000
        corners = np.array([(-r, -r, z), (r, -r, z), (r, r, z), (-r, r, z)])
        write_mesh(self._mesh, corners, np.arange(4, dtype=np.int32)[None], np.zeros(1, np.bool_))
        self._shader.inputs["Color"].default_value = (lightness, lightness, lightness, 1.0)
