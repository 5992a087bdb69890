# SPDX-License-Identifier: Apache-2.0
"""The plate scene of `peer.py` as a user of BlenderProc writes it; runs in that one's environment.

    PYTHON peer_scene.py TEXTURES OUT -n 200

A plane with a picture on it that changes, a sun and a grey sky, one camera pose a picture; colours
and a segmentation map are rendered, and labels are written with its COCO writer. Prints the seconds
of the loop.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
import types
from pathlib import Path


def blenderproc() -> types.ModuleType:
    """BlenderProc in an environment that has bpy; its setup would install one of its own."""
    os.environ["INSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT"] = "1"
    spec = importlib.util.find_spec("blenderproc")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("BlenderProc is not installed in this environment: pip install blenderproc==2.8.0")
    folder = Path(next(iter(spec.submodule_search_locations)))
    sys.path.insert(0, str(folder.parent))  # it takes the first of these away
    stand_in = types.ModuleType("blenderproc")
    stand_in.__path__ = [str(folder)]
    sys.modules["blenderproc"] = stand_in
    from blenderproc.python.utility.SetupUtility import SetupUtility

    SetupUtility.setup_pip = staticmethod(lambda *_, **__: str(folder.parent))
    del sys.modules["blenderproc"]
    return importlib.import_module("blenderproc")


def start(bproc: types.ModuleType) -> None:
    """`init()`; bpy's wheel has no languages, where that stops, and the rest of it follows here."""
    try:
        bproc.init()
    except TypeError:
        import bpy
        from blenderproc.python.renderer import RendererUtility
        from blenderproc.python.utility.Initializer import _Initializer

        bpy.context.scene.render.engine = "CYCLES"
        RendererUtility.set_render_devices(use_only_cpu=True)
        _Initializer.set_default_parameters()


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument(
        "textures", type=Path, help="folder of PNG, one a picture, again from the first"
    )
    ap.add_argument("out", type=Path)
    ap.add_argument("-n", type=int, default=200)
    ap.add_argument("--size", type=int, nargs=2, default=(256, 96))
    ap.add_argument("--samples", type=int, default=16)
    ap.add_argument("--threads", type=int, default=os.cpu_count())
    args = ap.parse_args()
    bproc = blenderproc()
    import bpy
    import numpy as np

    start(bproc)
    plate = bproc.object.create_primitive("PLANE", scale=[0.26, 0.0565, 1.0])
    plate.set_rotation_euler([np.pi / 2, 0, 0])
    plate.set_cp("category_id", 1)
    material = bproc.material.create("plate")
    textures = sorted(args.textures.glob("*.png"))
    node = material.new_node("ShaderNodeTexImage")
    material.link(
        node.outputs["Color"],
        material.get_the_one_node_with_type("BsdfPrincipled").inputs["Base Color"],
    )
    plate.replace_materials(material)
    sun = bproc.types.Light("SUN")
    sun.set_rotation_euler([0.9, 0.2, 0.3])
    sun.set_energy(3.0)
    bproc.renderer.set_world_background([0.4, 0.45, 0.5])
    bproc.renderer.set_max_amount_of_samples(args.samples)
    bproc.renderer.set_noise_threshold(0)  # every sample, as the other one
    bproc.renderer.set_cpu_threads(args.threads)
    bproc.renderer.enable_segmentation_output(map_by=["category_id", "instance", "name"])
    bproc.camera.set_resolution(*args.size)
    bproc.camera.set_intrinsics_from_blender_params(0.35, lens_unit="FOV")
    rng = np.random.default_rng(0)
    begun = time.perf_counter()
    for i in range(args.n):
        old = node.image
        node.image = bpy.data.images.load(str(textures[i % len(textures)]))
        if old is not None:
            bpy.data.images.remove(old)
        bproc.utility.reset_keyframes()
        place = np.array([rng.uniform(-0.6, 0.6), -1.7, rng.uniform(0, 0.5)])
        turn = bproc.camera.rotation_from_forward_vec(-place)
        bproc.camera.add_camera_pose(bproc.math.build_transformation_mat(place, turn))
        data = bproc.renderer.render(verbose=False)
        bproc.writer.write_coco_annotations(
            str(args.out),
            instance_segmaps=data["instance_segmaps"],
            instance_attribute_maps=data["instance_attribute_maps"],
            colors=data["colors"],
            color_file_format="JPEG",
        )
    seconds = time.perf_counter() - begun
    pictures = len(list(args.out.glob("images/*")))
    print(f"peer {pictures} {seconds:.3f}", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
