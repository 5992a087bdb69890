# SPDX-License-Identifier: Apache-2.0
"""A plate's surface under layers of wear, and how much of the ink's contrast they leave.

Every layer covers ink and sheet alike, or one of them more, so the contrast that is left at a
point follows in closed form: the same layers go over the two plain colours, ink and sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.colour import LUMA
from anprgen.condition import Make
from anprgen.grunge import Places
from anprgen.shot import MountedPlate
from anprgen.textures import Textures

F32 = NDArray[np.float32]
Cover = F32 | float

_LUMA = tuple(LUMA.tolist())
_RED = (1.0, 0.0, 0.0)  # all that an infrared camera is given
#: The value that makes a face's value 0 (`sight.Face`), as of something else in front.
MISSING = -0.5
#: Ink that differs less from its sheet is told by its relief; it counts as dark.
_LEAST_CONTRAST = 0.03


@dataclass(frozen=True)
class Worn:
    """A plate's surface as a material needs it, over its sharp-cornered rectangle, row 0 on top.

    Attributes:
        color: float32 [3, h, w], linear reflectance.
        roughness: float32 [h, w].
        slope: float32 [2, h, w], mm per mm to the right and down, of the rise towards the reader.
        glow: float32 [h, w], what of `color` is thrown back to a lamp, against the sheet's R_A.
        day: float32 [h, w], share of the contrast of ink to sheet that is left in diffuse light.
        flash: float32 [h, w], the same of retro-reflection alone. Both are `MISSING` where a
            piece of the plate is.
        contrast: a new plate's difference of ink and sheet: of reflectance, of what is thrown back.
    """

    color: F32
    roughness: F32
    slope: F32
    glow: F32
    day: F32
    flash: F32
    contrast: tuple[float, float]


def foil_roughness(make: Make) -> float:
    """Foil is a smooth film, mostly glossier than the beaded sheet."""
    return 0.12 + 0.5 * make.roughness


class Surface:
    """The state between two layers.

    Attributes:
        ink: float32 [h, w], coverage of the new plate by foil or paint.
        rise: float32 [h, w], its embossing, mm.
        foot: float32 [h, w], 1 on the glyphs' slopes, where dirt stays.
        roughness, slope: as in `Worn`; layers change them.
        sheet, ink_color: float32 [3], the new plate's plain colours.
    """

    def __init__(self, plate: MountedPlate, textures: Textures, infrared: bool) -> None:
        self.weights = _RED if infrared else _LUMA
        self.ink = textures.ink
        shape = (textures.ink.shape[0], textures.ink.shape[1])
        self.slope = slopes(textures.height_mm, plate.size_mm)
        self.rise = textures.height_mm
        self.foot = step(np.hypot(*self.slope), 0.05, 0.9)
        make = plate.make
        more = np.float32(foil_roughness(make) - make.roughness)
        self.roughness: F32 = np.float32(make.roughness) + self.ink * more
        # Channel by channel: numpy is slow along an axis of three.
        self.color: F32 = np.array(textures.base_color.transpose(2, 0, 1), order="C")
        self._new = textures.base_color
        self.retro = textures.retro
        few, ink = textures.base_color[::3, ::3].reshape(-1, 3), textures.ink[::3, ::3].ravel()
        weights = np.array(self.weights, np.float32)
        if (bare := ink < 0.1).any():
            self.sheet: F32 = np.median(few[bare], 0)
            self._sheet_retro = float(np.median(textures.retro[::3, ::3].ravel()[bare]))
        else:
            self.sheet, self._sheet_retro = np.median(few, 0), 0.0
        s = self.light(self.sheet)
        if (inked := ink > 0.5).any():
            # Most texels of thin strokes are partly sheet: what of them is ink is worked out.
            whole = self.sheet + (few[inked] - self.sheet) / ink[inked, None]
        else:
            far = np.abs(few @ weights - s)
            whole = few[far > 0.6 * far.max()] if far.any() else self.sheet[None]
        self.ink_color: F32 = np.median(whole, 0)
        i = float(np.mean(whole @ weights))
        if abs(i - s) < _LEAST_CONTRAST:
            i = 0.0 if s > 0.3 else 1.0
        #: Luminance of plain ink and plain sheet under the layers.
        self._ink_light: Cover = i
        self._sheet_light: Cover = s
        self._contrast = i - s
        self.clean: Cover = 1.0  # what passes to the sheeting, where there is no ink
        self._clean_here: Cover = 1.0
        self._rubbed: Cover = 0.0
        self._shape = shape
        self._gone: F32 | None = None

    def light(self, color: Sequence[float] | F32) -> float:
        """Luminance, as the camera weighs colours."""
        return float(np.dot(np.asarray(color, np.float32), np.array(self.weights, np.float32)))

    def lay(
        self,
        color: Sequence[float] | F32,
        cover: F32,
        *,
        on_ink: float = 1.0,
        on_sheet: float = 1.0,
        blocks: float = 1.0,
        roughness: float | None = None,
    ) -> None:
        """Covers [h, w] 0..1 with a colour, times `on_ink` and `on_sheet` by what is below.

        `blocks` is how much of the light on its way to the sheeting it takes; `roughness` is that
        of the layer.
        """
        here = cover
        if on_ink != on_sheet:
            here = cover * (np.float32(on_sheet) + self.ink * np.float32(on_ink - on_sheet))
        elif on_ink != 1.0:
            here = cover * np.float32(on_ink)
        self._mix(color, here)
        light = self.light(color)
        self._ink_light = self._ink_light + (light - self._ink_light) * (cover * np.float32(on_ink))
        self._sheet_light = self._sheet_light + (light - self._sheet_light) * (
            cover * np.float32(on_sheet)
        )
        if blocks:
            self._clean_here = self._clean_here * (1 - here * np.float32(blocks))
            self.clean = self.clean * (1 - cover * np.float32(on_sheet * blocks))
        if roughness is not None:
            self.roughness += (np.float32(roughness) - self.roughness) * here

    def _mix(self, color: Sequence[float] | F32, here: F32) -> None:
        stays = 1 - here
        for plane, value in zip(self.color, color):
            plane *= stays
            plane += np.float32(value) * here

    def rub(self, color: F32, share: F32) -> None:
        """Takes a share [h, w] of the ink away, down to a colour that the sheet has there."""
        here = share * self.ink
        self._mix(color, here)
        self._ink_light = self._ink_light + (self.light(color) - self._ink_light) * share
        self._rubbed = (
            share
            if isinstance(self._rubbed, float)
            else self._rubbed + share - self._rubbed * share
        )

    def paint(self, color: F32, cover: F32) -> None:
        """Paints [h, w] of it as ink, on ink or beside it."""
        self._mix(color, cover)
        self._ink_light = self._ink_light + (self.light(color) - self._ink_light) * cover
        self._clean_here = self._clean_here * (1 - cover)

    def shimmer(self, swing: F32, share: float) -> None:
        """Brightens and darkens what the sheeting throws back, and its colour by a share of it."""
        self.retro = np.maximum(self.retro * (1 + swing), 0)
        self.color *= 1 + swing * (1 - self.ink) * np.float32(share)

    def take_away(self, share: F32) -> None:
        """Leaves no plate where `share` [h, w] is 1: one looks into the dark behind it."""
        self._mix((0.012, 0.012, 0.012), share)
        self._clean_here = self._clean_here * (1 - share)
        self.roughness += (np.float32(0.9) - self.roughness) * share
        self._gone = share

    def finished(self) -> Worn:
        """The surface after the last layer."""
        full = np.ones(self._shape, np.float32)
        left = np.abs(self._ink_light - self._sheet_light) / abs(self._contrast)
        glow = self.retro
        if not isinstance(self._rubbed, float):  # sheeting comes to light where ink is gone
            glow = glow + self._rubbed * self.ink * np.float32(0.8 * self._sheet_retro)
        if not isinstance(self._clean_here, float):
            weights = np.array(self.weights, np.float32)
            new, now = cv2.transform(self._new, weights[None]), np.tensordot(weights, self.color, 1)
            # What is thrown back is the sheeting's own light, whatever colour lies over it.
            glow = glow * self._clean_here**2 * (new / np.maximum(now, 0.02))
        day = np.asarray(np.minimum(left, 1) * full, np.float32)
        flash = np.asarray(self.clean**2 * (1 - 0.8 * self._rubbed) * full, np.float32)
        if self._gone is not None:
            day, flash = (
                v * (1 - self._gone) + np.float32(MISSING) * self._gone for v in (day, flash)
            )
        return Worn(
            self.color,
            self.roughness,
            self.slope,
            np.asarray(glow, np.float32),
            day,
            flash,
            (self._contrast, -self.light(self.sheet) * self._sheet_retro),
        )


def near_rim(places: Places, size_mm: tuple[float, float]) -> F32:
    """1 at the plate's edge, 0 from 28 mm inside it on, [h, w]."""
    (x, y), (width, height) = places.mm(), size_mm
    rim = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    return np.asarray(1.0 - step(rim, 0.0, 28.0), np.float32)


def step(value: F32, low: float, high: float) -> F32:
    """0 below `low`, 1 above `high`, linear between."""
    return np.asarray(np.clip((value - low) * (1.0 / (high - low)), 0, 1), np.float32)


def slopes(height_mm: F32, size_mm: tuple[float, float]) -> F32:
    """Central differences of a height, mm per mm, [2, h, w]: right, down; the rim repeats."""
    h, w = height_mm.shape
    right = cv2.Sobel(height_mm, cv2.CV_32F, 1, 0, ksize=1, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(height_mm, cv2.CV_32F, 0, 1, ksize=1, borderType=cv2.BORDER_REPLICATE)
    right *= np.float32(w / (2 * size_mm[0]))
    down *= np.float32(h / (2 * size_mm[1]))
    return np.stack([right, down])
