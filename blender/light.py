# SPDX-License-Identifier: GPL-3.0-or-later
"""The light: surroundings, a lamp at infinity for their sun, and a lamp by the camera."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pixels
from camera import inverse, metres, place
from mathutils import Matrix, Vector
from nodes import node
from plate_material import SCATTERED, retro_factor
from surroundings import HEIGHT, UPRIGHT, WIDTH, Hdris, Surroundings, black_body, surroundings


class Lights:
    """World, sun and lamp, built once."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._hdris = Hdris()
        self._picture = pixels.Picture("surroundings")
        world = bpy.data.worlds.new("surroundings")
        world.use_nodes = True
        tree = world.node_tree
        tree.nodes.clear()
        texture = node(tree, "ShaderNodeTexEnvironment", interpolation="Linear")
        self._picture.show_in(texture)
        background, out = node(tree, "ShaderNodeBackground"), node(tree, "ShaderNodeOutputWorld")
        tree.links.new(texture.outputs[0], background.inputs[0])
        tree.links.new(background.outputs[0], out.inputs[0])
        world.cycles.sampling_method = "NONE"  # see Surroundings
        scene.world = world
        self._sun = self._lamp_object("sun", "SUN", scene)
        self._lamp = self._lamp_object("lamp", "POINT", scene)

    @staticmethod
    def _lamp_object(name: str, kind: str, scene: bpy.types.Scene) -> bpy.types.Object:
        thing = bpy.data.objects.new(name, bpy.data.lights.new(name, kind))
        scene.collection.objects.link(thing)
        return thing

    def apply(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        """Sets all light of a job; what each plate's material must know about the lamp."""
        light, vehicle = job["light"], job["vehicle"]
        world = surroundings(light, vehicle, self._hdris)
        rgba = np.ones((HEIGHT, WIDTH, 4), np.float32)
        rgba[..., :3] = world.picture
        self._picture.fill(rgba)
        self._set_sun(world)
        return self._set_lamp(job)

    def _set_sun(self, world: Surroundings) -> None:
        data: Any = self._sun.data
        data.energy = float(max(world.irradiance))
        data.color = [c / max(data.energy, 1e-9) for c in world.irradiance]
        data.angle = float(np.radians(world.size_deg))
        turn = Vector(world.to_sun).to_track_quat("Z", "Y").to_matrix().to_4x4()
        place(self._sun, np.array(turn))
        self._sun.hide_render = data.energy <= 0

    def _set_lamp(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        light, camera = job["light"], inverse(metres(job["camera"]["world_to_camera"]))
        data: Any = self._lamp.data
        data.energy = 0.0
        self._lamp.hide_render = light["kind"] not in ("headlamp", "infrared")
        dark = {"place": (0.0, 0.0, 0.0), "retro_lux": 0.0, "against": 0.0, "shade_y_mm": -1e4}
        if self._lamp.hide_render:
            return [dict(dark) for _ in job["plates"]]
        # In the camera's frame the lamp lies right of and above the lens, in the lens' plane.
        at = camera @ [
            light["lamp_right_mm"] / 1000, -light["lamp_above_mm"] / 1000, 0.0, 1.0,
        ]  # fmt: skip
        lamp, eye = at[:3], camera[:3, 3]
        seen = []
        for plate in job["plates"]:
            matrix = metres(plate["plate_to_world"])
            to_lamp, to_eye = lamp - matrix[:3, 3], eye - matrix[:3, 3]
            distance = float(np.linalg.norm(to_lamp))
            cosine = float(-(matrix[:3, 2] @ to_lamp) / distance)
            sine = np.linalg.norm(np.cross(to_lamp, to_eye)) / (distance * np.linalg.norm(to_eye))
            observation = float(np.degrees(np.arcsin(min(sine, 1.0))))
            seen.append((distance, cosine, observation, plate["make"]["retro"]))
        if not seen:  # a scene without plates: as if one hung at the origin, facing the camera
            seen.append((float(np.linalg.norm(lamp)), 1.0, 0.5, 40.0))
        # The lamp is as strong as makes the first plate's sheet about as bright as by day.
        distance, cosine, observation, retro = seen[0]
        per_lux = 0.7 / np.pi * max(cosine, 0.2) + retro * retro_factor(observation, cosine)
        irradiance = 0.55 / per_lux  # at the first plate, perpendicular to the rays
        # A Blender point lamp of P watts has the radiant intensity P / (4 pi^2) W/sr.
        data.energy = float(irradiance * distance**2 * 4 * np.pi**2)
        data.shadow_soft_size = light["lamp_size_mm"] / 2000
        infrared = light["kind"] == "infrared"
        data.color = (1.0, 1.0, 1.0) if infrared else black_body(light["temperature_k"])
        place(self._lamp, np.array(Matrix.Translation(lamp)))
        world_lux = UPRIGHT * light["ambient"] / 3
        lamp_lux = data.energy / (4 * np.pi)  # at 1 m, as Cycles renders a point lamp
        return [
            {
                "place": tuple(float(c) for c in lamp),
                # Luminance of the sheeting against that of a white surface that scatters.
                "against": own_retro
                * irradiance
                * (distance / own) ** 2
                * retro_factor(angle, facing)
                / max(facing, 0.05)
                / (SCATTERED / np.pi * (lamp_lux / own**2 * max(facing, 0.0) + world_lux)),
                "retro_lux": float(own_retro * irradiance * (distance / own) ** 2),
                "shade_y_mm": plate.get("shade_y_mm", -1e4),
            }
            for plate, (own, facing, angle, own_retro) in zip(job["plates"], seen)
        ]
