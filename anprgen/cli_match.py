# SPDX-License-Identifier: Apache-2.0
"""The commands that look at photographs: `gap` and `match`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Photographs = Annotated[
    Path, typer.Argument(metavar="REAL_DIR", help="A folder of photographs, or a list of them")
]
Kind = Annotated[str, typer.Option(help="What the photographs are: auto, crops or frames")]
Illegible = Annotated[bool, typer.Option(help="Count our plates that nobody can read")]
Workers = Annotated[int | None, typer.Option(help="Default: the cores")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the program's."""
    app.command()(gap)
    app.command()(match)


def gap(
    dataset: Annotated[Path, typer.Argument(metavar="OUT", help="A dataset's folder")],
    photographs: Photographs,
    out: Annotated[
        Path | None, typer.Option("-o", help="Of .png and .json. Default: ./<dataset>-gap")
    ] = None,
    n: Annotated[int, typer.Option("-n", help="At most so many of ours")] = 1000,
    kind: Kind = "auto",
    illegible: Illegible = False,
    seed: Annotated[int, typer.Option(help="Of the intervals", min=0)] = 0,
    workers: Workers = None,
) -> None:
    """Measure a dataset and a folder of photographs, and tell where they differ most."""
    from anprgen.dataset import Dataset
    from anprgen.matching.report import gap as run

    found = run(
        Dataset.open(dataset),
        photographs,
        out or Path(f"{dataset.resolve().name}-gap"),
        kind=kind,
        limit=n,
        illegible=illegible,
        seed=seed,
        workers=workers,
    )
    for note in found.notes:
        typer.echo(note, err=True)
    for line in found.text():
        typer.echo(line)
    typer.echo(f"{found.files[0]}, {found.files[1]}")


def match(
    photographs: Photographs,
    design: Annotated[
        list[str] | None,
        typer.Option("--design", help="Design file or shipped name; also several, with weights"),
    ] = None,
    out: Annotated[
        Path, typer.Option("-o", help="The configuration; a .png of the same name shows the fit")
    ] = Path("camera.json"),
    probes: Annotated[
        Path | None, typer.Option(help="A finished dataset to fit with, instead of rendering")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="JSON: where to begin, instead of the default")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="ocr or detect; default: as the photographs are")
    ] = None,
    n: Annotated[int, typer.Option("-n", help="Samples a round")] = 1200,
    rounds: Annotated[int, typer.Option(help="Rounds of fresh samples")] = 3,
    fit: Annotated[
        list[str] | None,
        typer.Option(help="Paths of parameters to fit. Default: size, roll, crop, camera"),
    ] = None,
    strength: Annotated[
        float, typer.Option(help="Photographs that the default counts as: more, and less moves")
    ] = 20.0,
    kind: Kind = "auto",
    illegible: Illegible = False,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal results", min=0)] = 0,
    renderer: Annotated[str, typer.Option(help="flat or blender")] = "flat",
    device: Annotated[str, typer.Option(help="auto, cpu, or a kind of graphics card")] = "auto",
    blender: Annotated[
        Path | None, typer.Option("--blender", help="A Blender program instead of the bpy wheel")
    ] = None,
    workers: Workers = None,
) -> None:
    """Fit the camera to a folder of photographs: writes a file for `build --config`."""
    from anprgen.matching.match import FITTED, Options
    from anprgen.matching.run import check, run

    options = Options(
        probes=n,
        rounds=rounds,
        checks=max(100, n // 2),
        strength=strength,
        seed=seed,
        fitted=tuple(fit) if fit else FITTED,
    )
    check(options, out)
    for line in run(
        photographs,
        out,
        options,
        designs=design,
        stored=probes,
        start=config,
        task=task,
        kind=kind,
        illegible=illegible,
        renderer=renderer,
        device=device,
        executable=blender,
        workers=workers,
        say=lambda text: typer.echo(text, err=True),
    ):
        typer.echo(line)
