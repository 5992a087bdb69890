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
from anprgen.annotation import annotate
from anprgen.artwork import Artwork, lay_out
from anprgen.balance import balanced
from anprgen.beside import clean_entry, clean_scale, keeps_light, light_entry
from anprgen.clips.draw import Take
from anprgen.clips.exposing import lit
from anprgen.clips.frame import frame_shot
from anprgen.clips.labels import label_frame
from anprgen.config import BALANCES, TASKS, Config
from anprgen.design import PlateDesign, load_design
from anprgen.digests import fonts_digest, scene_digest
from anprgen.distributions import Distribution
from anprgen.draw import draw_shots, draw_take, overrides_of
from anprgen.errors import ConfigError, nearest
from anprgen.light_store import LightStore
from anprgen.lint import check_design
from anprgen.manifest import DESIGN_FILES
from anprgen.plate_labels import to_json
from anprgen.renderers import Render, Renderer
from anprgen.shot import Shot
from anprgen.shot import to_json as shot_to_json
from anprgen.shot_views import camera_record, context, enlarged, textures_of


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
        files = {d.name: dict(d.files) for d, _ in self.designs if d.files}
        return {
            "config": config,
            "designs": {d.name: d.digest for d, _ in self.designs},
            **({DESIGN_FILES: files} if files else {}),
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
            "camera": camera_record(shot),
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
