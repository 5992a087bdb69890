# SPDX-License-Identifier: Apache-2.0
"""What is left of each character, measured in pictures alone: the truth that `visible` claims.

A shot is rendered four times on a finer sensor, without denoiser: as it is, and with a blank plate
(same sheet, relief, wear and objects, no ink); both again with a new plate and nothing mounted. The
difference of ink and blank is the contrast to the sheeting at that very place: shadows, gloss
and relief are in both and cancel. Its ratio, worn against new, is the share that is left; a pixel
of a glyph is lost under a quarter. Pixels count that the new plate has full of ink: foil lies a
little off its glyph, and a pixel that is half sheet tells nothing of ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anprgen.annotation import annotate, projector
from anprgen.artwork import Artwork
from anprgen.degradations.stage import luminance
from anprgen.pipeline import Plan
from anprgen.polygons import fill_exact
from anprgen.renderers import Renderer
from anprgen.shot import MountedPlate, Shot
from anprgen.shot_views import enlarged, textures_of
from anprgen.textures import Textures, rasterize
from anprgen.wear import LAYERS

_LOST = 0.25
#: Of a glyph's median contrast on the new plate: a pixel with less is partly sheet.
_INKED = 0.85


@dataclass(frozen=True)
class Compared:
    """One character: the share of it that is lost, by the label and by the pictures."""

    char: str
    label: float
    pictures: float
    px: int  # of the glyph, that were measured


def new(plate: MountedPlate) -> MountedPlate:
    """The plate without wear and with nothing mounted on it."""
    amounts = dict.fromkeys(LAYERS, 0.0)
    bare = {"frame": "none", "bolts": 0, "holes": 0, "lamps": 0, "front": "none", "glass": 0.0}
    mount = replace(plate.mount, **bare)
    return replace(plate, wear=replace(plate.wear, **amounts), mount=mount, holes_mm=())


def blank(artwork: Artwork, plate: MountedPlate, textures: Textures) -> Textures:
    """The textures without ink, with the same relief."""
    h, w = textures.ink.shape
    bare = rasterize(replace(artwork, marks=()), plate.make, (w, h))
    return replace(bare, height_mm=textures.height_mm)


def compare(
    plan: Plan, index: int, labelled: Renderer, measured: Renderer, scale: int, samples: int
) -> list[Compared]:
    """Every character of a shot that lies inside its render.

    Args:
        plan: draws the shot.
        index: of the shot.
        labelled: renders it as always.
        measured: renders it without a denoiser.
        scale: how many times finer it is measured.
        samples: a finer pixel, when measured.
    """
    shot = plan.shot(index)
    artworks = plan.artworks(shot)
    textures = textures_of(shot, artworks, labelled.texels_a_px)
    solved = shot.solved
    assert solved is not None
    window = solved.render
    corner = (window.x0, window.y0)
    face = labelled.render(shot, textures).face
    assert face is not None
    black = np.zeros((window.height, window.width, 3), np.uint8)
    plates = annotate(shot, artworks, lambda px: px - corner, black, face).plates
    left = _left(shot, artworks, textures, measured, scale, samples)
    out = []
    for plate, artwork, label in zip(shot.plates, artworks, plates):
        project = projector(shot, plate)
        for character, said in zip(artwork.characters, label.characters):
            px = [(project(c) - corner) * scale for c in character.contours]
            every = np.concatenate(px)
            if every.min() < 0 or (every.max(0) > np.array(left.now.shape[::-1])).any():
                continue
            glyph = np.zeros(left.now.shape, np.uint8)
            fill_exact(glyph, px, 1)
            before = left.before[glyph == 1]
            inked = before > _INKED * np.median(before)
            share = left.now[glyph == 1][inked] / before[inked]
            lost = float((share < _LOST).mean())
            out.append(Compared(character.char, 1 - said.visible, lost, int(inked.sum())))
    return out


@dataclass(frozen=True)
class _Contrast:
    now: NDArray[np.float32]
    before: NDArray[np.float32]


def _left(
    shot: Shot,
    artworks: Sequence[Artwork],
    textures: Sequence[Textures],
    renderer: Renderer,
    scale: int,
    samples: int,
) -> _Contrast:
    """Contrast of ink to sheet at each finer pixel, as it is and on the new plate."""
    large = replace(enlarged(shot, scale), samples=samples)
    fresh = replace(large, plates=tuple(map(new, large.plates)))
    bare = [blank(a, p, t) for a, p, t in zip(artworks, shot.plates, textures)]

    def contrast(of: Shot) -> NDArray[np.float32]:
        inked, empty = (renderer.render(of, t).light for t in (textures, bare))
        return np.abs(luminance(inked) - luminance(empty))

    return _Contrast(contrast(large), contrast(fresh))
