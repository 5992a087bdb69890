# SPDX-License-Identifier: GPL-3.0-or-later
"""A sequence's scene: built once, where everything is at its key time, then only moved.

The place is one mesh, each vehicle another. A vehicle is built again only when its lamps change.
"""

from __future__ import annotations

import json
from typing import Any

import bpy
import street
from camera import inverse, metres
from mesh_parts import Parts
from motion import Mover
from places.roadside import Stood

#: What building a vehicle notes in its plate.
_NOTES = ("shade_y_mm", "room_above_mm", "lamps_lit", "own_lamps")


class Vehicle:
    """One vehicle of the pool: in the picture, and black in the pass of ids."""

    def __init__(self, number: int, scenes: tuple[Any, Any], looks: tuple[Any, Any]) -> None:
        self.mesh = bpy.data.meshes.new(f"vehicle {number}")
        self.mesh.materials.append(looks[0])
        self.things = []
        for scene, name in zip(scenes, ("", " ids")):
            thing = bpy.data.objects.new(f"vehicle {number}{name}", self.mesh)
            scene.collection.objects.link(thing)
            self.things.append(thing)
        self.things[1].material_slots[0].link = "OBJECT"
        self.things[1].material_slots[0].material = looks[1]
        self.movers = [Mover(thing) for thing in self.things]
        self.state = ""
        self.notes: dict[str, Any] = {}
        self.stood: Stood | None = None

    def show(self, visible: bool) -> None:
        for thing in self.things:
            if thing.hide_render == visible:
                thing.hide_render = not visible


class Film:
    """The sequence that is being made; frames of one after the other cost only their transforms.

    Args:
        scenes: of light and of ids.
        looks: the material of vehicles and places, and black.
        place: the mesh that a place is written to.
    """

    def __init__(
        self, scenes: tuple[Any, Any], looks: tuple[Any, Any], place: bpy.types.Mesh
    ) -> None:
        self._scenes, self._looks, self._place = scenes, looks, place
        self._vehicles: list[Vehicle] = []
        self._key = ""

    def hide(self) -> None:
        """Puts all away; the place's mesh is another's from now on."""
        self._key = ""
        for vehicle in self._vehicles:
            vehicle.show(False)

    def shape(self, job: dict[str, Any]) -> None:
        """Everything but the plates' faces, where it is in this frame; notes what plates need."""
        film, own = job["film"], job["scene"]["vehicles"]
        reference = _at_key_time(job)
        while len(self._vehicles) < len(own):
            self._vehicles.append(Vehicle(len(self._vehicles), self._scenes, self._looks))
        new = film["key"] != self._key
        for number, vehicle in enumerate(self._vehicles):
            vehicle.show(number < len(own))
            if number >= len(own):
                continue
            looks = own[number]["looks"]
            state = json.dumps([film["key"], looks["lamps"], looks["braking"]])
            if state != vehicle.state:
                self._build(vehicle, reference, number)
                vehicle.state = state
            if own[number]["plate"] >= 0:
                job["plates"][own[number]["plate"]].update(vehicle.notes)
            at = own[number]
            back = inverse(metres(at["plate_to_world"]))
            middle, before, after = (
                metres(at[name]) @ back for name in ("middle", "before", "after")
            )
            vehicle.movers[0].move(before, after)
            vehicle.movers[1].stand(middle)
        if new:
            stood = [v.stood for v in self._vehicles[: len(own)] if v.stood is not None]
            street.around(reference, stood).write(self._place, tiled=True)
            self._key = film["key"]

    @staticmethod
    def _build(vehicle: Vehicle, reference: dict[str, Any], number: int) -> None:
        parts: Parts = street.empty(reference)
        vehicle.stood = street.add(parts, reference, number)
        parts.write(vehicle.mesh, tiled=True)
        plate = reference["scene"]["vehicles"][number]["plate"]
        if plate >= 0:
            noted = reference["plates"][plate]
            vehicle.notes = {k: noted[k] for k in _NOTES if k in noted}


def _at_key_time(job: dict[str, Any]) -> dict[str, Any]:
    """The job with camera and plates where they are at the key time."""
    plates = [{**p, "plate_to_world": p["reference"]} for p in job["plates"]]
    pose = job["film"]["reference_camera"]
    return {**job, "plates": plates, "camera": {**job["camera"], "world_to_camera": pose}}
