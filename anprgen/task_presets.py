# SPDX-License-Identifier: Apache-2.0
"""What a task draws differently from the parameters' own distributions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from anprgen.distributions import (
    Choice,
    Constant,
    Distribution,
    LogUniform,
    Normal,
    Quantiles,
    Uniform,
)

#: What whole frames before photographs draw differently once more: cameras as people hold them.
BEFORE_PHOTOS: dict[str, Distribution] = {
    "scene.place": Constant("photo"),
    "light.hdri": Choice({"city": 3, "courtyard": 3, "forest": 2, "sunrise": 2, "sunset": 2}),
    "view.elevation_deg": Normal(4, 3, -2, 12),
    "view.place_y": Uniform(-0.05, 0.75),
    "view.roll_deg": Normal(0, 0.8, -2.5, 2.5),
}

_DETECT: dict[str, Distribution] = {
    "frame.size": Choice({"1280x720": 5, "1920x1080": 1, "960x540": 2, "640x480": 2, "640x360": 2}),
    "frame.hfov_deg": LogUniform(30, 75),
    "scene.place": Choice(
        {"street": 24, "kerb": 20, "car_park": 18, "gate": 12, "highway": 14, "yard": 12}
    ),
    "scene.plates": Choice({0: 0.08, 1: 0.42, 2: 0.22, 3: 0.14, 4: 0.08, 5: 0.04, 6: 0.02}),
    "scene.vehicles": Choice({0: 0.3, 2: 0.2, 3: 0.2, 4: 0.15, 5: 0.15}),
    "scene.signs": Choice({0: 0.3, 1: 0.25, 2: 0.2, 3: 0.15, 4: 0.1}),
    "vehicle.kind": Choice(
        {
            "saloon": 22,
            "hatchback": 23,
            "suv": 15,
            "van": 11,
            "bus": 7,
            "lorry": 8,
            "three_wheeler": 7,
            "motorcycle": 7,
        }
    ),
    "view.width_px": Quantiles(((0, 22), (0.2, 44), (0.5, 80), (0.8, 145), (1, 290)), log=True),
    "view.yaw_deg": Choice([(Normal(0, 12, -35, 35), 0.6), (Normal(0, 28, -60, 60), 0.4)]),
    # A pane is as wide as a crop needs, and would hang in the air.
    "plates.mount.glass": Constant(0.0),
    "plates.mount.paper": Constant("no"),
    # Environment pictures taken indoors look wrong behind a street.
    "light.hdri": Choice(
        {"city": 3, "courtyard": 3, "forest": 2, "sunrise": 2, "sunset": 2, "night": 1}
    ),
    "view.elevation_deg": Choice([(Normal(6, 5, -3, 22), 0.7), (Normal(16, 8, 2, 40), 0.3)]),
    "view.roll_deg": Choice([(Normal(0, 1.5), 0.8), (Normal(0, 5, -15, 15), 0.2)]),
    "view.place_x": Uniform(-0.7, 0.7),
    "view.place_y": Uniform(-0.5, 0.7),
}

#: What sequences draw differently from photographs of streets: roads that vehicles drive on, and
#: things that stay where they are.
_SEQUENCE: dict[str, Distribution] = {
    **_DETECT,
    "frame.size": Choice({"1280x720": 4, "960x540": 2, "640x360": 4}),
    "scene.place": Choice({"street": 40, "highway": 30, "gate": 20, "kerb": 10}),
    "scene.plates": Choice({1: 0.35, 2: 0.3, 3: 0.2, 4: 0.1, 5: 0.05}),
    "scene.vehicles": Choice({1: 0.3, 2: 0.3, 3: 0.2, 4: 0.12, 5: 0.08}),
    "signs.kind": Choice({"road": 0.4, "board": 0.35, "wall": 0.25}),
    "capture.camera": Constant("video"),
    "capture.readout_s": Choice([(0.0, 0.3), (Uniform(0.008, 0.03), 0.7)]),
    "view.width_px": Quantiles(((0, 34), (0.2, 50), (0.5, 72), (0.8, 105), (1, 160)), log=True),
    "view.place_x": Uniform(-0.4, 0.4),
    "view.place_y": Uniform(-0.3, 0.5),
    # What smears and combs along one direction of motion; the renderer has the true ones.
    "camera.interlace.shift_px": Constant(0.0),
    "camera.temporal.strength": Constant(0.0),
    # These stay where they are while vehicles drive away.
    "light.oncoming": Constant(0.0),
    "light.brake_lamps": Constant(0.0),
}

#: What a task draws differently from the fields' own distributions.
PRESETS: dict[str, dict[str, Distribution]] = {
    "ocr": {},
    "detect": _DETECT,
    "sequence": _SEQUENCE,
}

#: The frame's width that the widths of plates in `PRESETS` are meant for, px.
_MEANT_FOR_PX = {"detect": 1280, "sequence": 960}


def preset_of(task: str, own: Mapping[str, Distribution]) -> dict[str, Distribution]:
    """What a task draws differently, beside what a configuration sets itself.

    In frames of a size that it sets, plates are as large a share of them as in the task's own.
    """
    preset = dict(PRESETS[task])
    size, widths = own.get("frame.size"), preset.get("view.width_px")
    if size is not None and isinstance(widths, Quantiles):
        share = _mean_width_px(size) / _MEANT_FOR_PX[task]
        points = tuple((u, width * share) for u, width in widths.points)
        preset["view.width_px"] = replace(widths, points=points)
    return preset


def _mean_width_px(size: Distribution) -> float:
    """The mean width of frames; of a text that is no size there is an error where it is used."""
    options = size.options if isinstance(size, Choice) else ((size.at(0.5), 1.0),)
    widths = [(int(found[1]), w) for s, w in options if (found := re.match(r"(\d{2,4})x", str(s)))]
    return sum(px * w for px, w in widths) / (sum(w for _, w in widths) or 1) or 1.0
