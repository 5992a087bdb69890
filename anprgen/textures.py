# SPDX-License-Identifier: Apache-2.0
"""Artwork -> textures: base colour, height of the embossing, retro-reflection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.colour import adjust, srgb_to_linear
from anprgen.degradations.stage import clipped
from anprgen.elements import Mark, Picture
from anprgen.foil import micro_text
from anprgen.geometry import Points
from anprgen.painting import blend, paint_picture
from anprgen.polygons import fill, fill_each, numbered

if TYPE_CHECKING:
    from anprgen.artwork import Artwork
    from anprgen.condition import Make

F32 = NDArray[np.float32]
#: Masks are drawn finer than the texture, then averaged: at least this, or three times the texels.
#: A 10 mm stroke then spans 14 px, so the distance field that makes embossing and foil edges is
#: good to a few hundredths of a millimetre.
_MASK_PX_PER_MM, _MOST_FINER = 1.4, 3
#: The foil's rim, on the embossing's slope, shows none of its text.
_RIM_MM = 0.9
#: Thickness of the ink on plates that are not embossed; printed ink lies under a clear sheet.
_FLAT_MM = {"painted": 0.15, "printed": 0.0}


@dataclass(frozen=True)
class Textures:
    """Images over the plate's sharp-cornered rectangle; row 0 is the top edge.

    Attributes:
        base_color: float32 [h, w, 3], linear reflectance 0..1.
        height_mm: float32 [h, w], embossing above the sheet.
        retro: float32 [h, w], 0..1 of the sheeting's retro-reflection (0 on foil and print).
        ink: float32 [h, w], 0..1 coverage by foil or paint (for wear that rubs it off; printed
            ink none does).
    """

    base_color: F32
    height_mm: F32
    retro: F32
    ink: F32


def _moved(image: F32, x_mm: float, y_mm: float, px_per_mm: float) -> F32:
    """The raster shifted by whole px (the foil against the die), its edge repeated."""
    dx, dy = round(x_mm * px_per_mm), round(y_mm * px_per_mm)
    if dx == 0 and dy == 0:
        return image
    h, w = image.shape
    dx, dy = min(max(dx, 1 - w), w - 1), min(max(dy, 1 - h), h - 1)
    left, top, right, bottom = max(dx, 0), max(dy, 0), max(-dx, 0), max(-dy, 0)
    kept = image[bottom : h - top, right : w - left]
    return np.asarray(cv2.copyMakeBorder(kept, top, bottom, left, right, cv2.BORDER_REPLICATE))


def texels(size_mm: tuple[float, float], per_mm: float) -> tuple[int, int]:
    """Texture size (w, h) of a plate for so many texels a mm; 48 to 4096 wide."""
    scale = min(max(per_mm, 48 / size_mm[0]), 4096 / size_mm[0])
    return max(8, round(size_mm[0] * scale)), max(8, round(size_mm[1] * scale))


def rasterize(artwork: Artwork, make: Make, size_px: tuple[int, int]) -> Textures:
    """Draws an artwork as textures of `size_px` (w, h).

    Foil and embossing come from one signed distance field of the die: the embossing rises over
    `make.emboss_edge_mm` outside the outline and is flat on top; the foil covers the top, moved
    by `make.foil_shift_*` and widened by `make.foil_spread_mm`.
    """
    canvas = _Canvas.of(artwork.size_mm, size_px)
    embossed = artwork.look == "embossed"
    die = canvas.blank()
    canvas.fill_each(die, artwork.marks)
    distance = canvas.signed_distance_mm(die)
    covers = _ink_covers(artwork, make, canvas, distance)
    rise = distance  # its last use
    rise += np.float32(make.emboss_edge_mm)
    rise *= np.float32(1 / make.emboss_edge_mm)
    height = canvas.down(clipped(rise))  # the slope's linear ramp; smoothed after averaging
    height = height * height * (3 - 2 * height)
    height *= np.float32(make.emboss_height_mm if embossed else _FLAT_MM[artwork.look])

    sheet = adjust(
        srgb_to_linear(artwork.sheet.color_srgb),
        make.sheet_hue_shift,
        make.sheet_saturation,
        make.sheet_lightness,
    )
    sheet_ink = _dark(srgb_to_linear(artwork.sheet.ink_srgb), make)
    w, h = size_px
    # Three planes until the end: sums over the last of three axes are slow.
    color = np.empty((3, h, w), np.float32)
    color[:] = sheet[:, None, None]
    retro = np.full((h, w), artwork.sheet.retro, np.float32)
    _print(color, retro, canvas, artwork, sheet_ink)
    total = np.zeros((h, w), np.float32)
    for own, cover, text in covers:
        ink = (sheet_ink if own is None else _dark(srgb_to_linear(own), make))[:, None, None]
        if text is not None:
            ink = ink + text * np.float32(0.7 * make.foil_text)
        color += (ink - color) * cover
        retro *= 1 - cover
        if artwork.look != "printed":
            np.maximum(total, cover, out=total)
    base = clipped(cv2.merge(list(color)))
    return Textures(base_color=base, height_mm=height, retro=retro, ink=total)


def _dark(ink: F32, make: Make) -> F32:
    """A black ink as light as this plate's foil; other inks as they are."""
    mean = float(ink.mean())
    return np.asarray(ink * (make.foil_lightness / max(1e-4, mean)) if mean < 0.1 else ink)


def _ink_covers(
    artwork: Artwork, make: Make, canvas: _Canvas, die: F32
) -> list[tuple[tuple[int, int, int] | None, F32, F32 | None]]:
    """(colour, coverage, micro-text) of each ink on the embossing, in texels.

    `die` is the signed distance of all that is embossed; an ink that is all of it shares it.
    """
    embossed = artwork.look == "embossed"
    groups: dict[tuple[str, tuple[int, int, int] | None], list[Mark]] = {}
    for mark in artwork.marks:
        if mark.ink != "blind":
            groups.setdefault((mark.ink, mark.color_srgb), []).append(mark)
    spread = make.foil_spread_mm * {"embossed": 1.0, "painted": 0.5, "printed": 0.0}[artwork.look]
    out: list[tuple[tuple[int, int, int] | None, F32, F32 | None]] = []
    for (kind, own), marks in groups.items():
        distance = die
        if len(marks) < len(artwork.marks):
            mask = canvas.blank()
            canvas.fill_each(mask, marks)
            distance = canvas.signed_distance_mm(mask)
        # In place and in float32 throughout: these rasters are most of a texture's cost.
        cover = distance + np.float32(spread + 0.5 / canvas.px_per_mm)
        cover *= np.float32(canvas.px_per_mm)
        cover = clipped(cover)
        text = None
        if embossed:
            cover = _moved(cover, make.foil_shift_x_mm, make.foil_shift_y_mm, canvas.px_per_mm)
        if embossed and kind == "foil" and artwork.micro_text and make.foil_text > 0:
            inner = distance + np.float32(spread - _RIM_MM)
            inner *= np.float32(canvas.px_per_mm)
            inner = clipped(inner)
            raster = (cover.shape[0], cover.shape[1])
            inner *= micro_text(canvas.px_per_mm, raster, make, artwork.micro_text)
            text = canvas.down(inner)
        out.append((own, canvas.down(cover), text))
    return out


def _print(color: F32, retro: F32, canvas: _Canvas, artwork: Artwork, sheet_ink: F32) -> None:
    """Lays what is printed flat over the sheet, in painting order."""
    fine, mask, k = canvas.texels_per_mm > 1.0, canvas.blank(), canvas.k
    for mark in artwork.prints:
        if isinstance(mark, Picture):
            paint_picture(color, retro, canvas.texels_per_mm, mark, sheet_ink)
            continue
        if mark.opacity <= 0 or (mark.fine and not fine):
            continue
        x0, y0, x1, y1 = canvas.fill(mask, mark.contours)
        if x1 <= x0 or y1 <= y0:
            continue
        part = mask[y0 * k : y1 * k, x0 * k : x1 * k]
        cover = cv2.resize(
            part.astype(np.float32), (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA
        )
        part[:] = 0  # for the next
        paint = srgb_to_linear(mark.color_srgb) if mark.color_srgb else sheet_ink
        cover *= np.float32(mark.opacity / 255)
        blend(color, retro, (x0, y0, x1, y1), cover, paint, 1 - mark.retro)


def character_ids(artwork: Artwork, size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Character ids (1 + index in reading order) over the plate, 0 elsewhere, unfiltered."""
    w, h = size_px
    scale = np.array([w / artwork.size_mm[0], h / artwork.size_mm[1]])
    return numbered((h, w), [[p * scale for p in c.contours] for c in artwork.characters])


@dataclass(frozen=True)
class _Canvas:
    """A mask raster `k` times finer than the texture, and the way down to texels."""

    size_mm: tuple[float, float]
    size_px: tuple[int, int]
    k: int

    @classmethod
    def of(cls, size_mm: tuple[float, float], size_px: tuple[int, int]) -> _Canvas:
        k = math.ceil(_MASK_PX_PER_MM * size_mm[0] / size_px[0])
        return cls(size_mm, size_px, min(_MOST_FINER, max(1, k)))

    @property
    def texels_per_mm(self) -> float:
        return self.size_px[0] / self.size_mm[0]

    @property
    def px_per_mm(self) -> float:
        return self.texels_per_mm * self.k

    def blank(self) -> NDArray[np.uint8]:
        return np.zeros((self.size_px[1] * self.k, self.size_px[0] * self.k), np.uint8)

    def fill(
        self, mask: NDArray[np.uint8], contours: Sequence[Points]
    ) -> tuple[int, int, int, int]:
        """Fills contours given in mm; returns the touched box in texels (x0, y0, x1, y1)."""
        x0, y0, x1, y1 = (v / self.k for v in fill(mask, contours, self._scale(mask)))
        w, h = self.size_px
        left, top = max(0, math.floor(x0) - 1), max(0, math.floor(y0) - 1)
        return left, top, min(w, math.ceil(x1) + 1), min(h, math.ceil(y1) + 1)

    def fill_each(self, mask: NDArray[np.uint8], marks: Sequence[Mark]) -> None:
        """Fills the contours of every mark."""
        fill_each(mask, [mark.contours for mark in marks], self._scale(mask))

    def _scale(self, mask: NDArray[np.uint8]) -> Points:
        return np.array([mask.shape[1] / self.size_mm[0], mask.shape[0] / self.size_mm[1]])

    def signed_distance_mm(self, mask: NDArray[np.uint8]) -> F32:
        """Distance to the outline, mm, positive inside.

        The mask is half a pixel too wide (see `fill_exact`), and distances run between pixel
        centres, half a pixel short of the outline: both halves are taken off here.
        """
        if not mask.any():  # no outline anywhere: as far off as a plate can be wide
            return np.full(mask.shape, -1e4, np.float32)
        inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
        outside = cv2.distanceTransform(255 - mask, cv2.DIST_L2, 5)
        signed: F32 = inside - clipped(inside)  # a whole px off inside: distances begin with it
        signed -= outside
        signed /= np.float32(self.px_per_mm)
        return signed

    def down(self, image: F32) -> F32:
        """Averages the fine raster to texels."""
        if self.k == 1:
            return image.astype(np.float32)
        small: F32 = cv2.resize(image, self.size_px, interpolation=cv2.INTER_AREA)
        return small.astype(np.float32, copy=False)
