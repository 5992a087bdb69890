# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene: every datablock is made once; each job sets everything again.

Nothing of an earlier job may show in a later one, so that a picture is the same from a fresh
worker and from one that has rendered for hours.
"""

from __future__ import annotations

import time
from typing import Any

import bpy
import camera
import catcher
import cycles_settings
import motion
import numpy as np
import pixels
import plate_material
import plate_mesh
import street
import surround
from film import Film
from glass import Glass
from light import Lights
from motion import Mover
from nodes import node
from places import tiles
from plate_material import PlateMaterial


class Plate:
    """One plate of the pool: its face in the picture and in the ID pass."""

    def __init__(self, number: int, studio: Studio) -> None:
        self.mesh = bpy.data.meshes.new(f"plate {number}")
        self.look = PlateMaterial(f"plate {number}", studio.group)
        self.mesh.materials.append(self.look.material)
        self.thing = bpy.data.objects.new(f"plate {number}", self.mesh)
        studio.scene.collection.objects.link(self.thing)
        self.id_picture = pixels.Picture(f"plate {number} ids")
        self.id_thing = bpy.data.objects.new(f"plate {number} ids", self.mesh)
        studio.id_scene.collection.objects.link(self.id_thing)
        override(self.id_thing, emitter(f"plate {number} ids", self.id_picture))
        self.movers = [Mover(thing) for thing in (self.thing, self.id_thing)]
        self._made: tuple[Any, ...] = ()

    def shape(self, plate: dict[str, Any]) -> None:
        form = tuple(plate[k] for k in ("size_mm", "curvature_per_m", "corner_mm", "damage"))
        if form != self._made:
            plate_mesh.write_face(self.mesh, *form)
            self._made = form
        self.show(True)
        still, own = camera.metres(plate["plate_to_world"]), self.movers
        own[1].stand(still)
        if "before" in plate:
            own[0].move(*(camera.metres(plate[name]) for name in ("before", "after")))
        else:
            own[0].stand(still)

    def show(self, visible: bool) -> None:
        for thing in (self.thing, self.id_thing):
            if thing.hide_render == visible:
                thing.hide_render = not visible


def override(thing: bpy.types.Object, material: bpy.types.Material) -> None:
    """Gives an object a material of its own over its mesh's."""
    if not thing.material_slots:
        thing.data.materials.append(None)
    thing.material_slots[0].link = "OBJECT"
    thing.material_slots[0].material = material


def emitter(name: str, picture: pixels.Picture | None) -> bpy.types.Material:
    """A material that shows a picture's numbers as they are, or black."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    material.cycles.emission_sampling = "NONE"
    tree = material.node_tree
    tree.nodes.clear()
    shader, out = node(tree, "ShaderNodeEmission"), node(tree, "ShaderNodeOutputMaterial")
    shader.inputs["Color"].default_value = (0.0, 0.0, 0.0, 1.0)
    if picture is not None:
        uv = node(tree, "ShaderNodeUVMap", uv_map="plate")
        texture = node(tree, "ShaderNodeTexImage", interpolation="Closest", extension="EXTEND")
        picture.show_in(texture)
        tree.links.new(uv.outputs[0], texture.inputs[0])
        tree.links.new(texture.outputs["Color"], shader.inputs["Color"])
    tree.links.new(shader.outputs[0], out.inputs[0])
    return material


class Studio:
    """All that is rendered: one scene for light, one that shares its meshes for ids."""

    def __init__(self, threads: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        self.id_scene = bpy.data.scenes.new("ids")
        for scene, settings in (
            (self.scene, cycles_settings.for_light),
            (self.id_scene, cycles_settings.for_ids),
        ):
            settings(scene, threads)
            pixels.output(scene)
            eye = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
            scene.collection.objects.link(eye)
            scene.camera = eye
        self.eye = Mover(self.scene.camera)
        self._alpha = pixels.PassesInAlpha(self.scene, plate_material.FACE, catcher.COVER)
        black = bpy.data.worlds.new("black")
        black.color = (0.0, 0.0, 0.0)
        self.id_scene.world = black
        self.lights = Lights(self.scene)
        self.glass = Glass(self.scene)
        self.catcher = catcher.Catcher(self.scene)
        self.group = plate_material.build_group()
        self.around = bpy.data.meshes.new("surround")
        self.around.materials.append(surround.material())
        self.scene.collection.objects.link(bpy.data.objects.new("surround", self.around))
        hull = bpy.data.objects.new("surround ids", self.around)
        self.id_scene.collection.objects.link(hull)
        override(hull, emitter("black", None))
        self.street = bpy.data.meshes.new("street")
        self.street.materials.append(tiles.material())
        self.surroundings = [bpy.data.objects.new("street", self.street)]
        self.scene.collection.objects.link(self.surroundings[0])
        self.surroundings.append(bpy.data.objects.new("street ids", self.street))
        self.id_scene.collection.objects.link(self.surroundings[1])
        override(self.surroundings[1], hull.material_slots[0].material)
        looks = (self.street.materials[0], hull.material_slots[0].material)
        self.film = Film((self.scene, self.id_scene), looks, self.street)
        self.panels = [o for o in bpy.data.objects if o.data is self.around]
        self.plates: list[Plate] = []

    def _shape(self, job: dict[str, Any]) -> None:
        while len(self.plates) < len(job["plates"]):
            self.plates.append(Plate(len(self.plates), self))
        for mine, plate in zip(self.plates, job["plates"]):
            mine.shape(plate)
        for spare in self.plates[len(job["plates"]) :]:
            spare.show(False)
        whole = "scene" in job
        for thing in (*self.panels, *self.surroundings):
            hide = whole == (thing in self.panels)
            if thing.hide_render != hide:
                thing.hide_render = hide
        if "film" in job:
            self.film.shape(job)
            return
        self.film.hide()
        if whole:
            street.build(job).write(self.street, tiled=True)
        else:
            surround.build(job).write(self.around)

    def render(self, job: dict[str, Any]) -> dict[str, float]:
        """Linear light, and as alpha what is seen of the faces, as an EXR at job["out"].

        With a photograph behind it, alpha holds what covers that too (`pixels.PassesInAlpha`), and
        job["ground"] is set to what lights the ground (`Lights.ground`).
        """
        start = time.perf_counter()
        self._shape(job)
        own = job.get("scene")
        reflectance = min(max(job["vehicle"]["ground"], 0.08), 0.3)
        self.catcher.lie(own, reflectance)
        self._alpha.take(own is not None and own["place"] == "photo")
        lamps = self.lights.apply(job)
        eye = camera.eye_and_lamp(job)[0]
        self.glass.set(job["plates"][0] if job["plates"] else None, eye)
        for mine, plate, lamp in zip(self.plates, job["plates"], lamps):
            mine.look.apply(plate, lamp)
        if own is not None and own["place"] == "photo":
            light = self.lights.ground(job["light"])
            job["ground"] = {**light, "reflectance": reflectance, "z_mm": own["ground_mm"]}
        camera.set_camera(self.scene.camera, self.scene, job["camera"], mover=self.eye)
        motion.shutter(self.scene, job.get("film"))
        cycles: Any = self.scene.cycles
        cycles.samples, cycles.seed = job["samples"], job["seed"]
        cycles.use_denoising = job["denoise"]
        return self._shoot(self.scene, job["out"], start)

    def render_ids(self, job: dict[str, Any]) -> dict[str, float]:
        """Ids as they are in their pictures; 0 wherever something else is in front or behind."""
        start = time.perf_counter()
        self._shape(job)
        for mine, plate in zip(self.plates, job["plates"]):
            ids = np.fromfile(plate["texture"], np.uint8).reshape(plate["texture_shape"])
            mine.id_picture.fill(np.repeat(ids[..., None], 4, 2).astype(np.float32))
        camera.set_camera(self.id_scene.camera, self.id_scene, job["camera"], job["scale"])
        return self._shoot(self.id_scene, job["out"], start)

    @staticmethod
    def _shoot(scene: bpy.types.Scene, out: str, start: float) -> dict[str, float]:
        scene.render.filepath = out
        ready = time.perf_counter()
        bpy.ops.render.render(write_still=True, scene=scene.name)
        done = time.perf_counter()
        return {"set_up": ready - start, "render": done - ready}
