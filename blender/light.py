# SPDX-License-Identifier: GPL-3.0-or-later
"""The light: surroundings, a lamp at infinity for their sun, lamps, and what shades them."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pixels
from camera import inverse, metres, place
from mathutils import Matrix, Vector
from nodes import node
from plate_lamps import plate_lamps
from plate_material import SCATTERED, retro_factor
from shade import Shade
from surroundings import (
    HEIGHT,
    UPRIGHT,
    WIDTH,
    Hdris,
    Surroundings,
    irradiances,
    surroundings,
)

#: Where a vehicle's brake lamps are about its plate: mm right, in front, above.
_BRAKE = (720.0, 110.0, 220.0)


#: What lamps and shadows are laid out for in a scene without plates.
_NO_PLATE = {
    "plate_to_world": [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]],
    "size_mm": [520.0, 112.0], "room_above_mm": 0.0,
}  # fmt: skip


class Lights:
    """World, sun and lamps, built once; those that are off are not rendered."""

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
        self._tubes = self._lamp_object("tubes", "AREA", scene)
        self._own = [self._lamp_object(f"plate lamp {n}", "POINT", scene) for n in (0, 1)]
        self._brake = [self._lamp_object(f"brake lamp {n}", "POINT", scene) for n in (0, 1)]
        self._shade = Shade(scene)
        self._world = Surroundings(np.zeros((HEIGHT, WIDTH, 3), np.float32))
        self._above: dict[str, Any] | None = None

    @staticmethod
    def _lamp_object(name: str, kind: str, scene: bpy.types.Scene) -> bpy.types.Object:
        thing = bpy.data.objects.new(name, bpy.data.lights.new(name, kind))
        scene.collection.objects.link(thing)
        return thing

    def apply(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        """Sets all light of a job; what each plate's material must know about the lamp."""
        light, vehicle = job["light"], job["vehicle"]
        world = surroundings(light, vehicle, self._hdris)
        self._world = world
        rgba = np.ones((HEIGHT, WIDTH, 4), np.float32)
        rgba[..., :3] = world.picture
        self._picture.fill(rgba)
        self._set_sun(world)
        self._set_overhead(light)
        first = job["plates"][0] if job["plates"] else _NO_PLATE
        self._set_own(light, first)
        # Of a whole vehicle's front there are none.
        rear = "scene" not in job or job["vehicle"]["end"] == "rear"
        self._set_brake(light if rear else {**light, "brake_lamps": 0.0})
        over = np.array(self._overhead(light))
        distant = light["kind"] == "street" or not self._sun.hide_render
        way = over / np.linalg.norm(over) if light["kind"] == "street" else world.to_sun
        self._shade.cast(light, way, first["size_mm"][0], distant)
        return self._set_lamp(job)

    def ground(self, light: dict[str, Any]) -> dict[str, Any]:
        """What lights a ground where nothing stands, of the last job.

        ``irradiance`` [3] of sky and sun, ``upright`` their mean on an upright plane, ``lamp`` a
        lamp above as `intensity` / d^2 (of its normal where ``flat``), or None.
        """
        flat, upright = irradiances(self._world)
        return {"irradiance": flat.tolist(), "upright": upright, "lamp": self._above}

    def _set_sun(self, world: Surroundings) -> None:
        data: Any = self._sun.data
        data.energy = float(max(world.irradiance))
        data.color = [c / max(data.energy, 1e-9) for c in world.irradiance]
        data.angle = float(np.radians(world.size_deg))
        turn = Vector(world.to_sun).to_track_quat("Z", "Y").to_matrix().to_4x4()
        place(self._sun, np.array(turn))
        self._sun.hide_render = data.energy <= 0

    @staticmethod
    def _overhead(light: dict[str, Any]) -> tuple[float, float, float]:
        """Place of a street lamp or tubes, m; plate 0 faces -y at the origin."""
        right, front = light["overhead_right_mm"], light["overhead_front_mm"]
        return right / 1000, -front / 1000, light["overhead_above_mm"] / 1000

    def _set_overhead(self, light: dict[str, Any]) -> None:
        """A street lamp (with the lamp of `_set_lamp`) or a row of tubes, above and in front."""
        street = light["kind"] == "street"
        self._above = None
        self._tubes.hide_render = light["kind"] != "neon"
        self._lamp.hide_render = not street
        if self._tubes.hide_render and not street:
            return
        at = np.array(self._overhead(light))
        distance = float(np.linalg.norm(at))
        # On a plate that it grazes it is not made stronger for it.
        irradiance = UPRIGHT / max(-at[1] / distance, 0.35)
        flat = 1.0 if street else max(at[2] / distance, 0.3)
        self._above = {
            **dict(zip(("x_mm", "y_mm", "z_mm"), (at * 1000).tolist())), "flat": not street,
            "intensity": irradiance * distance**2 / flat, "facing": UPRIGHT,
            "rgb": list(light["rgb"]["lamp"]),
        }  # fmt: skip
        if street:
            _shine(self._lamp, at, irradiance * distance**2, light["rgb"]["lamp"], 150.0)
            return
        tubes: Any = self._tubes.data
        tubes.shape, tubes.size_y = "RECTANGLE", 0.12
        tubes.size = light["tube_mm"] / 1000
        tubes.color = light["rgb"]["lamp"]
        # A Blender area lamp of P watts has the radiant intensity P / 4 straight down.
        tubes.energy = float(4 * irradiance * distance**2 / max(at[2] / distance, 0.3))
        turn = Matrix.Rotation(np.radians(light["tube_turn_deg"]), 4, "Z")
        place(self._tubes, np.array(Matrix.Translation(at) @ turn))

    def _set_own(self, light: dict[str, Any], plate: dict[str, Any]) -> None:
        """The plate's own lamps: small, close above its upper edge, so that they light unevenly."""
        matrix = metres(plate["plate_to_world"])
        own = plate_lamps(light, plate, plate.get("lamps_lit", 1.0))
        local = own.places(plate["size_mm"][1]) if own is not None else []
        for n, lamp in enumerate(self._own):
            lamp.hide_render = n >= len(local)
            if own is not None and n < len(local):
                at = (matrix @ local[n])[:3]
                _shine(lamp, at, own.intensity, light["rgb"]["plate_lamp"], 4.0)

    def _set_brake(self, light: dict[str, Any]) -> None:
        """Two red lamps at the vehicle's sides."""
        right, front, above = (mm / 1000 for mm in _BRAKE)
        distance = float(np.linalg.norm([right, front, above]))
        for side, lamp in zip((-1, 1), self._brake):
            lamp.hide_render = light["brake_lamps"] <= 0
            if not lamp.hide_render:
                intensity = light["brake_lamps"] * UPRIGHT * distance**3 / front / 2
                at = np.array([side * right, -front, above])
                _shine(lamp, at, intensity, light["rgb"]["brake_lamp"], 60.0)

    def _set_lamp(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        light, camera = job["light"], inverse(metres(job["camera"]["world_to_camera"]))
        rgb = light["rgb"]["lamp"]
        dark = {
            "place": (0.0, 0.0, 0.0), "rgb": rgb, "retro_lux": 0.0, "against": 0.0,
            "shade_y_mm": -1e4, "own_rgb": light["rgb"]["plate_lamp"],
        }  # fmt: skip
        if light["kind"] not in ("headlamp", "infrared"):
            return [dict(dark) for _ in job["plates"]]
        self._lamp.hide_render = False
        # In the camera's frame the lamp lies right of and above the lens, in the lens' plane.
        beside = [light["lamp_right_mm"] / 1000, -light["lamp_above_mm"] / 1000, 0.0, 1.0]
        lamp, eye = (camera @ beside)[:3], camera[:3, 3]
        seen = [_seen(p["plate_to_world"], p, lamp, eye) for p in job["plates"]]
        key = None
        if "film" in job and job["plates"]:
            then = inverse(metres(job["film"]["reference_camera"]))
            first = job["plates"][0]
            key = _seen(first["reference"], first, (then @ beside)[:3], then[:3, 3])
        if not seen:  # a scene without plates: as if one hung at the origin, facing the camera
            seen.append((float(np.linalg.norm(lamp)), 1.0, 0.5, 40.0))
        # The lamp is as strong as makes the first plate's sheet about as bright as by day; in a
        # sequence at its key time.
        distance, cosine, observation, retro = key if key is not None else seen[0]
        per_lux = 0.7 / np.pi * max(cosine, 0.2) + retro * retro_factor(observation, cosine)
        irradiance = 0.55 / per_lux  # at the first plate, perpendicular to the rays
        lamp_lux = irradiance * distance**2  # at 1 m
        _shine(self._lamp, lamp, lamp_lux, rgb, light["lamp_size_mm"] / 2)
        world_lux = UPRIGHT * light["ambient"] / 3
        if not self._brake[0].hide_render:
            world_lux += UPRIGHT * light["brake_lamps"] * _seen_as(light, "brake_lamp")
        plate_lux = UPRIGHT * light["plate_lamps"] * _seen_as(light, "plate_lamp")
        out = []
        for n, (plate, (own, facing, angle, own_retro)) in enumerate(zip(job["plates"], seen)):
            retro_lux = own_retro * irradiance * (distance / own) ** 2
            lux = lamp_lux / own**2 * max(facing, 0.0) + world_lux
            lux += plate_lux * plate.get("lamps_lit", float(n == 0))
            out.append({
                "place": tuple(float(c) for c in lamp),
                "rgb": rgb,
                "own_rgb": light["rgb"]["plate_lamp"],
                # Luminance of the sheeting against that of a white surface that scatters.
                "against": retro_lux * retro_factor(angle, facing) / max(facing, 0.05)
                / (SCATTERED / np.pi * lux),
                "retro_lux": float(retro_lux),
                "shade_y_mm": plate.get("shade_y_mm", -1e4),
            })  # fmt: skip
        return out


def _seen(
    matrix_mm: Any, plate: dict[str, Any], lamp: np.ndarray, eye: np.ndarray
) -> tuple[float, float, float, float]:
    """A plate's distance from a lamp (m), the cosine of the light's entrance angle, the angle of
    observation (degrees), and its sheet's coefficient of retro-reflection.
    """
    matrix = metres(matrix_mm)
    to_lamp, to_eye = lamp - matrix[:3, 3], eye - matrix[:3, 3]
    distance = float(np.linalg.norm(to_lamp))
    cosine = float(-(matrix[:3, 2] @ to_lamp) / distance)
    sine = np.linalg.norm(np.cross(to_lamp, to_eye)) / (distance * np.linalg.norm(to_eye))
    observation = float(np.degrees(np.arcsin(min(sine, 1.0))))
    return distance, cosine, observation, plate["make"]["retro"]


def _seen_as(light: dict[str, Any], lamp: str) -> float:
    """How bright a lamp's colour is to the camera; infrared sees the reddest of it."""
    rgb = np.array(light["rgb"][lamp])
    return float(rgb[0] if light["kind"] == "infrared" else rgb @ (0.2126, 0.7152, 0.0722))


def _shine(
    lamp: bpy.types.Object, at: np.ndarray, intensity: float, rgb: Any, radius_mm: float
) -> None:
    """A round lamp at a place (m) that gives `intensity` / d^2 of light at d metres."""
    data: Any = lamp.data
    data.energy = float(intensity * 4 * np.pi)  # watts, as Cycles renders a point lamp
    data.color = rgb
    data.shadow_soft_size = radius_mm / 1000
    place(lamp, np.array(Matrix.Translation(at)))
