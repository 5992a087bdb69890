# SPDX-License-Identifier: Apache-2.0
"""One plate's condition: how it was made, how worn it is, and how it is fixed."""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.distributions import Choice, Integer, LogUniform, Normal, Quantiles, Uniform
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Make:
    """How this plate was manufactured."""

    sheet_lightness: float = drawn(
        Normal(0.92, 0.06, 0.7, 1.0), "sheeting against its nominal colour", high=1.2
    )
    sheet_hue_shift: float = drawn(
        Normal(0, 0.012, -0.04, 0.04), "turn of the colour circle", high=1
    )
    # Yellow sheeting at 0.95 is already paler than EN 12899-1 has it when new; `fading` pales it.
    sheet_saturation: float = drawn(
        Normal(0.995, 0.012, 0.94, 1.0), "saturation against nominal", high=3
    )
    foil_lightness: float = drawn(
        LogUniform(0.005, 0.03), "linear lightness of the black foil", high=1
    )
    foil_text: float = drawn(
        Choice([(0.0, 0.25), (Uniform(0.05, 0.35), 0.45), (Uniform(0.35, 1.0), 0.3)]),
        "strength of the foil's micro-text; it glints, so mostly faint and at times bright",
        high=1,
    )
    foil_weave: str = drawn(
        Choice({"sparse": 0.5, "dense": 0.36, "bold": 0.14}),
        "how close and heavy the micro-text stands: sparse, dense or bold (a bright chequer)",
    )
    foil_shift_x_mm: float = drawn(Normal(0, 0.25, -0.8, 0.8), "foil against embossing", high=5)
    foil_shift_y_mm: float = drawn(Normal(0, 0.25, -0.8, 0.8), "foil against embossing", high=5)
    foil_spread_mm: float = drawn(
        Normal(0.3, 0.35, -0.6, 1.1), "foil wider (+) or narrower than the die", high=5
    )
    emboss_height_mm: float = drawn(Normal(1.2, 0.25, 0.5, 2.0), "height of the glyphs", high=10)
    emboss_edge_mm: float = drawn(
        Uniform(1.2, 3.0), "width of the embossing's slope", low=0.1, high=20
    )
    roughness: float = drawn(Uniform(0.15, 0.6), "gloss of the sheeting", high=1)
    clear_coat: float = drawn(Uniform(0.0, 0.6), "clear coat", high=1)
    retro: float = drawn(
        LogUniform(15, 110), "coefficient of retro-reflection R_A of the sheet, cd/lx/m2", high=2000
    )
    grain: float = drawn(
        Choice([(0.0, 0.4), (Uniform(0.1, 1.0), 0.6)]),
        "the sheeting's own pattern, as flash shows it",
        high=1,
    )
    grain_kind: str = drawn(Choice({"beads": 0.6, "prisms": 0.4}), "glass beads or prisms")
    curvature_per_m: float = drawn(
        Choice([(0.0, 0.5), (Normal(0.0, 0.35, -1.2, 1.2), 0.5)]),
        "bend about the vertical axis",
        high=3,
    )
    micro_phase_mm: float = drawn(Uniform(0, 20), "where the foil's pattern begins")
    serial: int = drawn(Integer(1_000_000, 99_999_999), "laser serial")


@dataclass(frozen=True)
class Wear:
    """Dirt and damage, each an amount from 0 (new) to 1 (ruined)."""

    dust: float = drawn(
        Choice([(0.0, 0.35), (Quantiles(((0, 0), (0.7, 0.22), (1, 0.75))), 0.65)]),
        "dust film",
        high=1,
    )
    dust_lightness: float = drawn(LogUniform(0.06, 0.4), "linear lightness of the dust", high=1)
    mud: float = drawn(Choice([(0.0, 0.75), (Uniform(0.05, 0.6), 0.25)]), "mud from below", high=1)
    mud_height: float = drawn(
        Uniform(0.1, 0.8), "how far up the mud goes, of the plate's height", high=1
    )
    scratches: float = drawn(
        Choice([(0.0, 0.5), (Uniform(0.05, 0.7), 0.5)]), "scratches down to metal", high=1
    )
    edge_wear: float = drawn(
        Choice([(0.0, 0.4), (Uniform(0.05, 0.8), 0.6)]), "foil worn from the edges", high=1
    )
    fading: float = drawn(
        Choice([(0.0, 0.6), (Uniform(0.05, 0.6), 0.4)]), "sun-faded sheeting and foil", high=1
    )
    stains: float = drawn(Choice([(0.0, 0.5), (Uniform(0.05, 0.7), 0.5)]), "water stains", high=1)
    seed_w: float = drawn(Uniform(0, 1000), "noise coordinate of this plate's grunge")
    splash: float = drawn(
        Choice([(0.0, 0.92), (Uniform(0.05, 0.6), 0.08)]), "mud thrown from one side", high=1
    )
    splash_deg: float = drawn(
        Normal(90, 40, -90, 270), "where it came from: 0 is right of the plate, 90 below", high=360
    )
    rain: float = drawn(
        Choice([(0.0, 0.94), (Uniform(0.1, 0.9), 0.06)]), "drops and runs of water", high=1
    )
    water_lines: float = drawn(
        Choice([(0.0, 0.86), (Uniform(0.1, 0.7), 0.14)]), "lines of lime where water dried", high=1
    )
    rust: float = drawn(
        Choice([(0.0, 0.82), (Uniform(0.05, 0.7), 0.18)]),
        "rust from bolts, holes and the rim",
        high=1,
    )
    dents: float = drawn(
        Choice([(0.0, 0.85), (Uniform(0.1, 0.8), 0.15)]), "dents and bends of the sheet", high=1
    )
    insects: float = drawn(
        Choice([(0.0, 0.95), (Uniform(0.05, 0.6), 0.05)]), "insects that it hit", high=1
    )
    snow: float = drawn(
        Choice([(0.0, 0.985), (Uniform(0.1, 0.8), 0.015)]), "snow that sticks", high=1
    )
    sticker: float = drawn(
        Choice([(0.0, 0.96), (Uniform(0.1, 0.8), 0.04)]),
        "size of a sticker over the plate, 15 to 60 mm",
        high=1,
    )
    sticker_kind: str = drawn(
        Choice({"round": 0.5, "square": 0.25, "oblong": 0.25}), "round, square or oblong"
    )
    sticker_x: float = drawn(Uniform(0.04, 0.96), "its middle, of the plate's width", high=1)
    sticker_y: float = drawn(
        Choice([(Uniform(0.05, 0.3), 0.6), (Uniform(0.3, 0.95), 0.4)]),
        "its middle, of the plate's height",
        high=1,
    )
    sticker_hue: float = drawn(Uniform(0, 1), "its colour", high=1)
    cracks: float = drawn(
        Choice([(0.0, 0.97), (Uniform(0.1, 0.8), 0.03)]),
        "cracks of a sheet of acrylic; from 0.4 on it lacks a corner",
        high=1,
    )
    top_wear: float = drawn(
        Choice([(0.0, 0.86), (Uniform(0.03, 0.22), 0.11), (Uniform(0.22, 0.5), 0.03)]),
        "paint rubbed off the tops of embossed characters",
        high=1,
    )
    repaint: float = drawn(
        Choice([(0.0, 0.97), (Uniform(0.2, 1.0), 0.03)]),
        "characters painted over by hand: wavering edges, a brush's gloss",
        high=1,
    )
    ink_fading: float = drawn(
        Choice([(0.0, 0.86), (Uniform(0.05, 0.6), 0.14)]),
        "sun-faded characters, apart from the sheeting",
        high=1,
    )


@dataclass(frozen=True)
class Mount:
    """How this plate is fixed."""

    frame: str = drawn(
        Choice({"none": 0.5, "thin": 0.25, "dealer": 0.25}), "frame around the plate"
    )
    frame_width_mm: float = drawn(Uniform(5, 14), "bar of the frame", low=1, high=80)
    frame_cover_mm: float = drawn(Uniform(1, 7), "how far the frame covers the plate", high=40)
    frame_lip_mm: float = drawn(
        Choice([(0.0, 0.93), (Uniform(3, 14), 0.05), (Uniform(14, 30), 0.02)]),
        "how much further a dealer's advert reaches up over the plate, at times into characters",
        high=120,
    )
    frame_depth_mm: float = drawn(Uniform(2, 9), "how far the frame stands out", low=0.1, high=60)
    frame_lightness: float = drawn(
        Choice([(LogUniform(0.01, 0.04), 0.8), (Uniform(0.4, 0.7), 0.2)]), "linear", high=1
    )
    frame_footer_mm: float = drawn(
        Uniform(14, 26), "advert bar of a dealer's frame, below the plate", low=1, high=120
    )
    frame_text: str = drawn(
        Choice({"light": 0.6, "colour": 0.3, "none": 0.1}), "advert on a dealer's frame"
    )
    bolts: int = drawn(
        Choice({0: 0.3, 2: 0.46, 4: 0.18, 1: 0.03, 3: 0.03}), "bolts through the plate"
    )
    bolt_pattern: str = drawn(
        Choice({"row": 0.86, "diagonal": 0.07, "column": 0.07}),
        "where two bolts are: side by side, at two corners across, one above the other",
    )
    bolt_diameter_mm: float = drawn(Uniform(6, 15), "head of a bolt", low=1, high=60)
    bolt_height_mm: float = drawn(Uniform(1.5, 5), "how far a head stands out", low=0.1, high=40)
    bolt_kind: str = drawn(
        Choice({"steel": 0.5, "cap_white": 0.15, "cap_black": 0.2, "rust": 0.15}), "material"
    )
    bolt_spread: float = drawn(
        Uniform(0.35, 0.92), "distance of the bolts, of the plate's width", high=1
    )
    bolt_row: float = drawn(
        Choice([(Uniform(0.04, 0.22), 0.5), (Uniform(0.8, 0.96), 0.5)]),
        "height of the bolts, of the plate's",
        high=1,
    )
    holes: int = drawn(Choice({0: 0.54, 2: 0.22, 4: 0.24}), "drilled holes that no bolt fills")
    hole_diameter_mm: float = drawn(Uniform(4, 9), "width of a hole", low=1, high=30)
    hole_spread: float = drawn(
        Choice([(Uniform(0.3, 0.9), 0.5), (Uniform(0.9, 0.96), 0.5)]),
        "distance of the holes, of the plate's width",
        high=1,
    )
    hole_row: float = drawn(
        Choice([(Uniform(0.05, 0.14), 0.6), (Uniform(0.88, 0.95), 0.3), (0.5, 0.1)]),
        "height of the holes, of the plate's",
        high=1,
    )
    lamps: int = drawn(
        Choice({0: 0.86, 1: 0.05, 2: 0.09}),
        "housings of lamps above the plate, whether lit or not (light.plate_lamps)",
    )
    front: str = drawn(
        Choice(
            {
                "none": 0.948, "tow_ball": 0.01, "tow_hook": 0.004, "bull_bar": 0.008,
                "wires": 0.006, "chain": 0.003, "strap": 0.004, "wiper": 0.003, "hand": 0.004,
                "leaves": 0.006, "grass": 0.004,
            }
        ),
        "what else is before the plate; only Blender shows it",
    )  # fmt: skip
    front_at: float = drawn(
        Normal(0, 0.22, -0.48, 0.48), "where it is, plate widths right of the middle", high=1
    )
    front_reach: float = drawn(
        LogUniform(0.08, 0.5), "how far over the plate it reaches, of its height", high=1
    )
    front_gap_mm: float = drawn(
        LogUniform(8, 120), "how far before the plate it is", low=3, high=1000
    )
    glass: float = drawn(
        Choice([(0.0, 0.99), (Uniform(0.3, 1.0), 0.01)]),
        "a pane before the plate, as of a windscreen: strength of its reflections; 0: none; only"
        " Blender shows it",
        high=3,
    )
    glass_tilt_deg: float = drawn(
        Uniform(15, 55), "the pane's upper edge leaning to the plate", high=75
    )
    glass_gap_mm: float = drawn(LogUniform(5, 80), "the plate behind the pane", low=3, high=1000)
    seed_w: float = drawn(Uniform(0, 1000), "advert text, bolt turns, what is before the plate")
    paper: str = drawn(
        Choice({"no": 0.998, "yes": 0.002}),
        "yes: printed on paper and taped behind a rear window, of crops; 35 % of temporary plates"
        " unless it is set; only Blender shows the pane",
    )
    paper_curl_per_m: float = drawn(
        Quantiles(((0, 0), (0.5, 0.3), (1, 1.2))), "its ends curled away from the pane", high=3
    )
    pane_mirror: float = drawn(
        Uniform(0.3, 1.1), "strength of the reflections of the pane before it", high=3
    )
    pane_clear: float = drawn(
        Choice([(Uniform(0.6, 0.88), 0.6), (Uniform(0.2, 0.6), 0.4)]),
        "share of the light that the pane before it lets through: many are tinted",
        low=0.02,
        high=1,
    )
    tape: str = drawn(
        Choice({"none": 0.2, "corners": 0.5, "ends": 0.3}), "tape that holds the paper"
    )
