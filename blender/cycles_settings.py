# SPDX-License-Identifier: GPL-3.0-or-later
"""How Cycles renders: few bounces, fixed samples, one denoiser, nothing adaptive."""

from __future__ import annotations

from typing import Any

import bpy

#: Devices in the order of preference for "auto".
GPUS = ("optix", "cuda", "hip", "metal", "oneapi")


def choose_device(wanted: str, scenes: list[bpy.types.Scene]) -> tuple[str, str]:
    """Enables the wanted device for the scenes; (description, class). Raises when it is missing.

    `wanted` is a kind, for all cards of it, or a kind and a number from 0: ``cuda:1``.
    """
    wanted, _, number = wanted.partition(":")
    if wanted != "cpu":
        preferences: Any = bpy.context.preferences.addons["cycles"].preferences
        for kind in GPUS if wanted == "auto" else (wanted,):
            try:
                preferences.compute_device_type = kind.upper()
            except TypeError:  # this build does not know that kind
                continue
            preferences.refresh_devices()
            found = [d for d in preferences.devices if d.type == kind.upper()]
            if number:
                found = found[int(number) : int(number) + 1]
            if found:
                for device in preferences.devices:
                    device.use = device in found
                for scene in scenes:
                    scene.cycles.device = "GPU"
                return f"{kind}:{found[0].name}", kind
        if wanted != "auto":
            raise RuntimeError(
                f"no {wanted} device{f' {number}' if number else ''} on this machine; "
                "choose another device, auto or cpu"
            )
        preferences.compute_device_type = "NONE"
    for scene in scenes:
        scene.cycles.device = "CPU"
    return "cpu", "cpu"


def _common(scene: bpy.types.Scene, threads: int) -> Any:
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = True
    scene.render.threads_mode = "FIXED" if threads else "AUTO"
    if threads:
        scene.render.threads = threads
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    scene.render.film_transparent = False
    scene.render.use_compositing = False
    scene.render.use_sequencer = False
    scene.render.use_motion_blur = False
    scene.render.use_simplify = False
    scene.view_settings.view_transform = "Raw"
    cycles: Any = scene.cycles
    cycles.use_adaptive_sampling = False
    cycles.sampling_pattern = "TABULATED_SOBOL"  # the others are computed for every sample
    cycles.use_auto_tile = False
    cycles.time_limit = 0.0
    cycles.use_light_tree = False  # two lamps and a world: the tree costs more than it saves
    cycles.light_sampling_threshold = 0.0
    # Lamps are small, so sampling them alone is enough; the world is found by bounced rays.
    cycles.direct_light_sampling_type = "NEXT_EVENT_ESTIMATION"
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.use_fast_gi = False
    cycles.use_guiding = False
    return cycles


def for_light(scene: bpy.types.Scene, threads: int) -> None:
    """Settings of the picture."""
    cycles = _common(scene, threads)
    # A pixel of a sensor gathers light over its own area: a box of 1 px is just that. Optics and
    # anti-aliasing filter are the camera's stages, later.
    cycles.pixel_filter_type = "BOX"
    cycles.max_bounces = 2
    cycles.diffuse_bounces = 1
    cycles.glossy_bounces = 1
    cycles.transmission_bounces = cycles.volume_bounces = 0
    cycles.transparent_max_bounces = 2
    cycles.blur_glossy = 1.0
    cycles.sample_clamp_direct = 0.0
    cycles.sample_clamp_indirect = 3.0
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_quality = "FAST"
    cycles.denoising_prefilter = "NONE"
    # With albedo and normal to guide it, 8 samples come nearer to the truth than 16 without, for
    # two hundredths more time: glyphs' edges are in the albedo.
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"


def for_ids(scene: bpy.types.Scene, threads: int) -> None:
    """Settings of the ID pass: one sample in the middle of each pixel, nothing filtered."""
    cycles = _common(scene, threads)
    cycles.pixel_filter_type = "GAUSSIAN"
    cycles.filter_width = 0.01  # Blender's least; its box is always 1 px wide
    cycles.samples = 1
    cycles.use_denoising = False
    cycles.seed = 0
    cycles.max_bounces = cycles.diffuse_bounces = cycles.glossy_bounces = 0
    cycles.transmission_bounces = cycles.volume_bounces = cycles.transparent_max_bounces = 0
    cycles.sample_clamp_direct = cycles.sample_clamp_indirect = 0.0
