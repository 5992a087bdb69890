# SPDX-License-Identifier: Apache-2.0
"""All wear of a plate, in the order in which it came over the years.

An amount of 0 is exactly nothing, and costs nothing: its layer is left out.
"""

from __future__ import annotations

from collections.abc import Callable

from anprgen import ageing, soil
from anprgen.grunge import Places
from anprgen.shot import MountedPlate
from anprgen.surface import Surface, Worn
from anprgen.textures import Textures

Layer = Callable[[Surface, MountedPlate, Places, float], None]

#: Fields of `Wear` that are amounts, and what each lays over the plate.
LAYERS: dict[str, Layer] = {
    "dents": ageing.dent,
    "fading": ageing.fade,
    "ink_fading": ageing.fade_ink,
    "repaint": ageing.repaint,
    "top_wear": ageing.rub_tops,
    "edge_wear": ageing.rub_edges,
    "scratches": ageing.scratch,
    "sticker": soil.stick,
    "rust": ageing.rust,
    "stains": soil.stain,
    "water_lines": soil.dry_out,
    "dust": soil.dust,
    "mud": soil.mud,
    "splash": soil.splash,
    "insects": soil.insects,
    "rain": soil.rain,
    "snow": soil.snow,
    "cracks": ageing.crack,
}


def wear_down(plate: MountedPlate, textures: Textures, infrared: bool = False) -> Worn:
    """The surface of a mounted plate with all of its wear.

    Args:
        plate: says how it was made and how worn it is.
        textures: of the new plate.
        infrared: contrasts are those of an infrared camera.
    """
    surface = Surface(plate, textures, infrared)
    h, w = textures.ink.shape
    places = Places(plate.size_mm, (w, h), plate.wear.seed_w)
    if plate.make.grain > 0:
        ageing.grain(surface, plate, places)
    for name, layer in LAYERS.items():
        amount = float(getattr(plate.wear, name))
        if amount > 0:
            layer(surface, plate, places, amount)
    return surface.finished()
