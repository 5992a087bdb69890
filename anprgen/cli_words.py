# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Designs = Annotated[
    list[str], typer.Argument(help="Design files or shipped names, with weights: sri_lanka=3")
]
DatasetArg = Annotated[Path, typer.Argument(metavar="OUT", help="A dataset's folder")]
Task = Annotated[
    str, typer.Option(help="ocr: plate crops; detect: street pictures; sequence: films of them")
]
Frames = Annotated[
    int | None, typer.Option(help="Frames of a sequence (--task sequence). Default: 60")
]
Fps = Annotated[float | None, typer.Option(help="Frames a second of a sequence. Default: 25")]
Seed = Annotated[int, typer.Option(help="Equal seeds give equal pixels")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="JSON: parameter paths to distributions")
]
CameraName = Annotated[
    str | None, typer.Option("--camera", help="A camera by name: `anprgen cameras` lists them")
]
Hdri = Annotated[
    Path | None, typer.Option(help="A folder of your own panoramas (.hdr, .exr) as surroundings")
]
Backgrounds = Annotated[
    Path | None,
    typer.Option(help="A folder of your own photographs, without plates, behind whole frames"),
]
CyclesSamples = Annotated[int, typer.Option(help="Cycles' samples a pixel")]
RendererName = Annotated[str, typer.Option("--renderer", help="blender or flat")]
Device = Annotated[
    str, typer.Option(help="auto, cpu, a kind of graphics card, or one card: cuda:1")
]
Devices = Annotated[
    str,
    typer.Option(
        "--device", "--devices", help="auto, cpu, a kind of graphics card, or cards: cuda:0,cuda:1"
    ),
]
Blender = Annotated[
    Path | None, typer.Option("--blender", help="A Blender program instead of the bpy wheel")
]
