# SPDX-License-Identifier: Apache-2.0
"""The whole programme on one page: configuration and index in, picture and labels out.

draw_shots -> lay_out -> rasterize -> renderer.render -> photograph -> annotate
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen import __version__, degradations
from anprgen.annotation import annotate, to_json
from anprgen.artwork import Artwork, lay_out
from anprgen.balance import balanced
from anprgen.beside import clean_entry, clean_scale, keeps_light, light_entry
from anprgen.clips.draw import Take
from anprgen.clips.exposing import believed, lit, metered
from anprgen.clips.frame import frame_shot
from anprgen.clips.labels import label_frame
from anprgen.config import BALANCES, TASKS, Config
from anprgen.design import PlateDesign, load_design
from anprgen.digests import fonts_digest, scene_digest
from anprgen.distributions import Distribution
from anprgen.draw import draw_shots, draw_take, overrides_of
from anprgen.errors import ConfigError, nearest
from anprgen.geometry import bounds
from anprgen.light_store import LightStore
from anprgen.lint import check_design
from anprgen.renderers import Render, Renderer
from anprgen.shot import Shot
from anprgen.shot import to_json as shot_to_json
from anprgen.solve import camera_of, corners_px, outline_world
from anprgen.textures import Textures, rasterize, texels


@dataclass(frozen=True)
class Sample:
    """One finished picture: its file's bytes, its pixels (uint8 RGB [h, w, 3]), its record.

    `beside` are the files to keep with it, by their names relative to the dataset.
    """

    index: int
    image: bytes
    pixels: NDArray[np.uint8]
    record: dict[str, Any]
    seconds: dict[str, float]
    beside: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A configuration with its designs loaded and checked; makes any sample of the dataset."""

    config: Config
    designs: tuple[tuple[PlateDesign, float], ...]
    overrides: dict[str, Distribution]
    #: The shots of one render, the last drawn: the next sample is often of the same.
    _drawn: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def identity(self) -> dict[str, Any]:
        """What decides the pixels: equal identities give equal datasets."""
        config: dict[str, Any] = {
            "task": self.config.task,
            "seed": self.config.seed,
            "designs": [[d.name, w] for d, w in self.designs],
            "samples": self.config.samples,
            "renderer": self.config.renderer,
            "overrides": dict(self.config.overrides),
        }
        if self.config.balance != "grammar":
            config["balance"] = self.config.balance
        if self.config.exclude:
            config["exclude"] = list(self.config.exclude)
        if self.config.variants != 1:
            config["variants"] = self.config.variants
        if self.config.frames:
            config |= {"frames": self.config.frames, "fps": self.config.fps}
        if self.config.light_from:
            config["light_from"] = dict(self.config.light_from)
        if self.config.hdris:
            config["hdris"] = dict(self.config.hdris)
        if self.config.backgrounds:
            config["backgrounds"] = dict(self.config.backgrounds)
        return {
            "config": config,
            "designs": {d.name: d.digest for d, _ in self.designs},
            "fonts": fonts_digest(),
            "scene": scene_digest() if self.config.renderer == "blender" else "",
            "anprgen": __version__,
        }

    def shot(self, index: int) -> Shot:
        """Everything about sample `index`, before anything expensive."""
        if self.config.frames:
            number, frame = divmod(index, self.config.frames)
            return frame_shot(self._take(number), frame, index)
        render_index = index // self.config.variants
        if self._drawn.get("render_index") != render_index:
            shots = draw_shots(self.config, self.overrides, self.designs, render_index)
            self._drawn.update(render_index=render_index, shots=shots)
        shot: Shot = self._drawn["shots"][index % self.config.variants]
        return shot

    def _take(self, number: int) -> Take:
        """Sequence `number`."""
        if self._drawn.get("take_number") != number:
            made = draw_take(self.config, self.overrides, self.designs, number)
            self._drawn.update(take_number=number, take=made)
        take: Take = self._drawn["take"]
        return take

    def artworks(self, shot: Shot) -> list[Artwork]:
        """The artwork of each plate of a shot."""
        by_name = {d.name: d for d, _ in self.designs}
        return [
            lay_out(
                by_name[p.design],
                by_name[p.design].layouts[p.variant],
                next(s for s in by_name[p.design].series if s.id == p.registration.series),
                p.registration,
                sheet=p.sheet,
                border=p.border,
                options=p.options,
                vary=p.vary,
                serial=p.make.serial,
            )
            for p in shot.plates
        ]

    def sample(
        self,
        index: int,
        renderer: Renderer,
        glyph_check: bool = False,
        lights: LightStore | None = None,
        keep: Sequence[str] = (),
    ) -> Sample:
        """Draws, renders, photographs and labels sample `index`.

        With `glyph_check` the record tells how each character's label lies on a rendered pass of
        character ids; `keep` names what to keep beside it (`anprgen.beside`). Pixels and labels
        are the same with and without them. `lights` knows renders made before.
        """
        lights = lights or LightStore()
        clock = _Clock()
        shot = self.shot(index)
        clock("draw")
        artworks = self.artworks(shot)

        def render_at(shot: Shot) -> Render:
            textures = textures_of(shot, artworks, renderer.texels_a_px)
            clock("textures")
            return renderer.render(shot, textures)

        render = lights.render(shot, lambda: render_at(shot))
        clock("render")
        photo = degradations.photograph(lit(render.light, shot), shot.camera, context(shot))
        clock("camera")
        annotation = annotate(shot, artworks, photo.points, photo.image, render.face)
        record = {
            "id": f"{index:08d}",
            "index": index,
            "image": {"file": "", "width": annotation.width, "height": annotation.height},
            "split": "",
            "plates": to_json(annotation),
            "camera": _camera(shot),
            "shot": shot_to_json(shot),
        }
        if shot.moment is not None:
            label_frame(record, shot)
        clock("labels")
        if glyph_check:
            record["glyph_check"] = _glyph_check(shot, artworks, renderer)
            clock("glyph_check")
        beside: dict[str, bytes] = {}
        if keeps_light(keep):
            record["light"] = light_entry(lights, render, shot, beside)
        if scale := clean_scale(keep):
            large = enlarged(shot, scale)
            light = render if scale == 1 else lights.render(large, lambda: render_at(large), scale)
            clean = degradations.clean_picture(lit(light.light, shot), photo.ctx, scale)
            record["clean"] = clean_entry(clean, index, scale, beside)
        if beside:
            clock("beside")
        clock.seconds.update({f"renderer.{k}": v for k, v in render.seconds.items()})
        return Sample(index, photo.jpeg, photo.image, record, clock.seconds, beside)


def _glyph_check(shot: Shot, artworks: list[Artwork], renderer: Renderer) -> dict[str, Any]:
    from anprgen.glyph_check import check_glyphs

    shot = replace(shot, moment=None)  # the pass of ids is one of things that stand
    found = check_glyphs(shot, artworks, renderer, context(shot))
    return {
        "passed": all(m.passes for m in found),
        "characters": [
            {
                "char": m.char,
                "iou": round(m.iou, 4),
                "passed": m.passes,
                "covered": round(m.covered, 4),
            }
            for m in found
        ],
    }


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name], self._last = now - self._last, now


def make_plan(config: Config, say: Callable[[str], None] | None = None) -> Plan:
    """Loads and checks what a configuration names.

    Args:
        config: what to make.
        say: told where each design was found.

    Raises:
        AnprgenError: for people: unknown task, design, parameter, face, glyph ...
    """
    from anprgen.design import find_design

    if config.task not in TASKS:
        raise ConfigError(f"unknown task {config.task!r}", hint=nearest(config.task, list(TASKS)))
    if (config.task == "sequence") != (config.frames > 0):
        raise ConfigError(
            f"the task {config.task} with {config.frames} frames a sequence makes no sense",
            hint="sequences have frames, and nothing else has",
        )
    if config.hdris and config.renderer != "blender":
        raise ConfigError(
            f"the {config.renderer} renderer uses no environment pictures",
            where="--hdri",
            hint="leave --hdri out, or use Blender",
        )
    if config.backgrounds and config.task != "detect":
        raise ConfigError(
            f"the task {config.task} has none",
            where="--backgrounds",
            hint="add --task detect, or leave --backgrounds out",
        )
    if config.balance not in BALANCES:
        raise ConfigError(
            f"unknown balance {config.balance!r}", hint=nearest(config.balance, list(BALANCES))
        )
    designs = []
    for name, weight in config.designs:
        path, shipped = find_design(name)
        if say and shipped and name != path.stem:
            say(f"{name}: no such file, using the shipped design {path.stem}")
        design = load_design(name)
        check_design(design)
        if config.balance == "characters":
            design = replace(design, series=tuple(map(balanced, design.series)))
        designs.append((design, weight))
    names = [d.name for d, _ in designs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"the design {name} is named twice", hint="name it once, with a weight: name=2"
            )
    plan = Plan(config, tuple(designs), overrides_of(config))
    plan.shot(0)  # what cannot be photographed is told now, not by every worker
    return plan


def textures_of(shot: Shot, artworks: list[Artwork], texels_a_px: float) -> list[Textures]:
    """Textures of each plate, as fine as the picture needs."""
    camera = camera_of(shot)
    out = []
    for plate, artwork in zip(shot.plates, artworks):
        outline = camera.project(outline_world(plate, 100.0))
        # Of a plate behind the camera nothing is seen: the coarsest texture does.
        x0, _, x1, _ = bounds(outline) if np.isfinite(outline).all() else (0.0, 0.0, 0.0, 0.0)
        # Seen at an angle, the near side is finer than the mean: the width alone would starve it.
        scale = max(1e-3, (x1 - x0) / plate.size_mm[0]) / max(
            0.35, abs(np.cos(np.radians(shot.view.yaw_deg)))
        )
        size = texels(artwork.size_mm, texels_a_px * float(scale))
        out.append(rasterize(artwork, plate.make, size))
    return out


def enlarged(shot: Shot, scale: int) -> Shot:
    """The shot on a sensor with `scale` times as many pixels each way, for the renderer alone."""
    assert shot.solved is not None
    s = shot.solved
    large = replace(
        s,
        focal_px=s.focal_px * scale,
        cx=s.cx * scale,
        cy=s.cy * scale,
        render=s.render.times(scale),
    )
    return replace(shot, solved=large)


def context(shot: Shot) -> degradations.Context:
    """What the camera's stages may know of a shot."""
    assert shot.solved is not None
    s, m = shot.solved, shot.moment
    corners = corners_px(shot, camera_of(shot))
    return degradations.Context(
        frame_width_px=shot.frame.width_px,
        frame_height_px=shot.frame.height_px,
        focal_px=s.focal_px,
        cx=s.cx,
        cy=s.cy,
        window=s.window,
        render=s.render,
        crop=s.crop,
        output_px=s.output_px,
        seed=shot.seed,
        index=shot.index,
        light_kind=shot.light.kind,
        light_rgb=shot.light_rgb if m is None else believed(shot.light_rgb, m),
        metered=None if m is None else metered(shot.light.kind, m),
        still_index=shot.index if m is None else m.sequence,
        stages=shot.camera,
        quad=tuple(map(tuple, corners.tolist())) if np.isfinite(corners).all() else (),
    )


def _camera(shot: Shot) -> dict[str, Any]:
    """Camera matrix in frame px, pose (world mm to camera), and how frame px become picture px."""
    assert shot.solved is not None
    s = shot.solved
    return {
        "matrix": [[s.focal_px, 0, s.cx], [0, s.focal_px, s.cy], [0, 0, 1]],
        "world_to_camera": [list(r) for r in s.world_to_camera],
        "frame_px": [shot.frame.width_px, shot.frame.height_px],
        "crop": list(s.crop),
    }
