# SPDX-License-Identifier: Apache-2.0
"""The command that looks for what a reader cannot read yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(mine)


def mine(
    model: Annotated[Path, typer.Argument(help="A model's folder or .onnx file")],
    data: Annotated[Path, typer.Argument(help="A dataset of ours")],
    out: Annotated[Path, typer.Option("-o", help="The configuration, for build --config")] = Path(
        "mined.json"
    ),
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", help="To begin from. Default: the dataset's own"),
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="train, val or test, also several. Default: val,test")
    ] = None,
    strength: Annotated[
        float, typer.Option(help="How many times as often to draw there, at most")
    ] = 4.0,
    keep: Annotated[float, typer.Option(help="Share that is drawn as before")] = 0.3,
    most: Annotated[int, typer.Option(help="Regions to draw more from, the strongest")] = 8,
    threads: Annotated[int | None, typer.Option(help="Default: the cores", min=1)] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto")] = "cpu",
) -> None:
    """Find where a reader fails on legible plates, and a configuration that draws more there."""
    from anprgen.mining.run import mine as run
    from anprgen.progress import Progress

    splits = tuple(name for part in split or ["val", "test"] for name in part.split(","))
    with Progress(unit="crops") as progress:
        found = run(
            model,
            data,
            out,
            progress,
            config=config,
            splits=splits,
            strength=strength,
            kept=keep,
            most=most,
            threads=threads,
            device=device,
        )
    for line in found.lines():
        typer.echo(line)
    if found.out is not None:
        typer.echo(f"{found.out}; `anprgen build ... --config {found.out}` uses it")
