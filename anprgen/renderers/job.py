# SPDX-License-Identifier: Apache-2.0
"""What Blender's process is told about a shot: a job, as JSON values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from anprgen.condition import Mount
from anprgen.errors import RenderError
from anprgen.illuminant import colours, sky_share
from anprgen.light import Light
from anprgen.moment import Moment
from anprgen.mounting import bolts, frame_bar, holes
from anprgen.renderers.lettering import advert, set_word, words
from anprgen.scene import Sign, text_of
from anprgen.sheet import resolved
from anprgen.shot import MountedPlate, Shot, to_json
from anprgen.surface import foil_roughness
from anprgen.traffic import plate_matrix
from anprgen.vehicle import Vehicle
from anprgen.vehicle_kinds import KINDS


def cycles_seed(shot: Shot) -> int:
    """Noise pattern of a shot: 31 bits by its address."""
    address = f"{shot.seed}/{shot.render_index}/cycles"
    digest = hashlib.blake2b(address.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") & 0x7FFFFFFF


def scene(shot: Shot) -> dict[str, Any]:
    """What a job says about the scene; lengths in mm, matrices 4x4 by rows."""
    solved = shot.solved
    if solved is None:
        raise RenderError("this shot has not been solved: it has no camera")
    window = solved.render
    job = {
        "camera": {
            "focal_px": solved.focal_px,
            "cx": solved.cx,
            "cy": solved.cy,
            "world_to_camera": solved.world_to_camera,
            "window": [window.x0, window.y0, window.width, window.height],
        },
        "light": _light(shot.light),
        "vehicle": to_json(shot.vehicle) | {"words": _words(shot.vehicle)},
        "plates": [_plate(p) for p in shot.plates],
    }
    if shot.scene.place != "none" or shot.vehicle.kind != "plain":
        job["scene"] = _place(shot)
    if shot.moment is not None:
        _move(job, shot, shot.moment)
    return job


def _move(job: dict[str, Any], shot: Shot, moment: Moment) -> None:
    """Says how everything moves while the shutter is open, and where it was built."""
    open_share = moment.exposure_s / (moment.closes_s - moment.opens_s)
    job["camera"] |= {"before": moment.camera_before, "after": moment.camera_after}
    ground = -shot.vehicle.plate_height_mm
    vehicles = [shot.vehicle, *(n.vehicle for n in shot.traffic)]
    for own, vehicle, stander in zip(job["scene"]["vehicles"], vehicles, moment.standers):
        for name, place in (
            ("plate_to_world", stander.reference),
            ("middle", stander.place),
            ("before", stander.before),
            ("after", stander.after),
        ):
            own[name] = plate_matrix(vehicle, place, ground).tolist()
        if stander.track:
            job["plates"][stander.track - 1] |= {
                "reference": own["plate_to_world"],
                "before": own["before"],
                "after": own["after"],
            }
    job["film"] = {
        "key": _built(job, moment),
        "reference_camera": moment.reference_camera,
        "open_share": open_share if moment.readout_s > 0 else 1.0,
    }


def _built(job: dict[str, Any], moment: Moment) -> str:
    """Digest of all that is built for a sequence: what its frames share."""
    moved = ("plate_to_world", "before", "after", "middle")
    plates = [{k: v for k, v in p.items() if k not in moved} for p in job["plates"]]
    vehicles = []
    for own in job["scene"]["vehicles"]:
        looks = {k: v for k, v in own["looks"].items() if k not in ("lamps", "braking")}
        vehicles.append([looks, own["plate"], own["plate_to_world"]])
    place = {k: v for k, v in job["scene"].items() if k != "vehicles"}
    said = [plates, vehicles, place, job["light"], moment.reference_camera]
    text = json.dumps(said, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


#: Places where no motorcycle stands without its rider.
_DRIVEN = ("street", "highway", "gate")


def _place(shot: Shot) -> dict[str, Any]:
    """The place, its vehicles (the one in front first) and its signs."""
    ground = -shot.vehicle.plate_height_mm
    vehicles = []
    ridden = shot.task == "sequence" or shot.scene.place in _DRIVEN
    if shot.plates or max(shot.scene.vehicles, shot.scene.plates) > 0:
        own = 0 if shot.plates and shot.scene.plates else -1
        vehicles.append((shot.vehicle, (0.0, 0.0, 0.0), own))
    for n in shot.traffic:
        vehicles.append((n.vehicle, (n.x_mm, n.y_mm, n.heading_deg), n.plate))
    if shot.light.oncoming > 0:
        at = (shot.light.oncoming_right_mm, shot.light.oncoming_behind_mm, 0.0)
        vehicles.append((_oncoming(shot.vehicle), at, -1))
    return dict(to_json(shot.scene)) | {
        "ground_mm": ground,
        "wet": shot.light.conditions == "rain",
        "vehicles": [
            {
                "looks": to_json(vehicle) | {"words": _words(vehicle), "ridden": ridden},
                "plate": plate,
                "length_mm": KINDS[vehicle.kind].length_mm,
                "plate_to_world": plate_matrix(vehicle, at, ground).tolist(),
            }
            for vehicle, at, plate in vehicles
        ],
        "signs": [_sign(sign) for sign in shot.signs],
    }


def _oncoming(beside: Vehicle) -> Vehicle:
    """The vehicle behind dazzling headlamps, whose place the light tells: a car without a plate."""
    turn = beside.seed_w * 7.0
    kind = ("saloon", "hatchback", "suv")[int(turn) % 3]
    low, high = KINDS[kind].heights["front"]
    return replace(
        beside,
        kind=kind, end="front", surround="bumper", badge="none", lamps="dipped", braking="no",
        plate_height_mm=low + (high - low) * (turn % 1.0), tilt_deg=0.0, recess_mm=0.0,
        overhang_mm=0.0, paint_saturation=0.04, paint_value=0.02 + 0.4 * (turn % 1.0) ** 2,
        seed_w=turn % 1000.0,
    )  # fmt: skip


def _light(light: Light) -> dict[str, Any]:
    """The light's numbers, and its colours (linear Rec. 709) by name under ``rgb``."""
    rgb = {name: c.tolist() for name, c in colours(light).items()}
    return {**to_json(light), "rgb": rgb, "sky_share": sky_share(light)}


def _sign(sign: Sign) -> dict[str, Any]:
    return dict(to_json(sign)) | {"word": set_word(text_of(sign), sign.face, 0.05)}


def _words(vehicle: Vehicle) -> list[dict[str, Any]]:
    return [] if vehicle.badge == "none" else words(vehicle.seed_w)


def _has_advert(mount: Mount) -> bool:
    return mount.frame == "dealer" and mount.frame_text != "none"


def _plate(plate: MountedPlate) -> dict[str, Any]:
    bar = frame_bar(plate)
    return {
        "size_mm": list(plate.size_mm),
        "plate_to_world": plate.plate_to_world,
        "curvature_per_m": plate.make.curvature_per_m,
        "damage": resolved(plate),
        "corner_mm": plate.corner_radius_mm,
        "make": to_json(plate.make),
        "foil_roughness": foil_roughness(plate.make),
        "mount": to_json(plate.mount),
        "bolts": [to_json(b) for b in bolts(plate)],
        "holes": [to_json(b) for b in holes(plate)],
        "frame": to_json(bar) if bar else None,
        "advert": advert(plate.mount.seed_w) if _has_advert(plate.mount) else None,
    }
