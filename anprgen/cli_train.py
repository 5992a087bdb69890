# SPDX-License-Identifier: Apache-2.0
"""The command that trains a reader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(train)


def train(
    datasets: Annotated[
        list[Path],
        typer.Argument(metavar="OUT...", help="Datasets, without their split test"),
    ],
    out: Annotated[Path, typer.Option("-o", help="The model's folder: new, or to continue")],
    steps: Annotated[int, typer.Option(help="How many batches to learn from")] = 3000,
    real: Annotated[
        Path | None,
        typer.Option(help="Your own labelled crops: labels.tsv, or PaddleOCR's lists"),
    ] = None,
    real_share: Annotated[float, typer.Option(help="Of each batch, taken from --real")] = 0.3,
    batch_size: Annotated[int, typer.Option(help="Crops a step")] = 128,
    rate: Annotated[float, typer.Option(help="The highest rate of learning")] = 1.5e-3,
    width: Annotated[int, typer.Option(help="Channels of the network: 24 halves its cost")] = 32,
    augment: Annotated[bool, typer.Option(help="Small shifts, turns and patches")] = True,
    illegible: Annotated[bool, typer.Option(help="Learn plates that nobody can read")] = False,
    charset: Annotated[
        Path | None, typer.Option(help="File of characters, one a line. Default: the datasets'")
    ] = None,
    slots: Annotated[
        int | None, typer.Option(help="Characters a plate has at most. Default: the datasets'")
    ] = None,
    batch: Annotated[
        int, typer.Option(help="Also write reader-bN.onnx, for a static batch of N")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Of weights and order")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1")] = "auto",
    precision: Annotated[
        str, typer.Option(help="auto, float32, bfloat16 or float16 (CUDA)")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option(help="Of the processor. Default: PyTorch's")
    ] = None,
    check_every: Annotated[int, typer.Option(help="Steps from one validation to the next")] = 100,
) -> None:
    """Train a reader on datasets of ours; the same command continues after a stop."""
    from anprgen.errors import MissingLibrary
    from anprgen.exporters.options import read_charset
    from anprgen.progress import Progress

    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError:
        raise MissingLibrary("training needs PyTorch and ONNX", extra="train") from None
    from anprgen.training.recipe import Options
    from anprgen.training.run import train as run

    options = Options(
        steps=steps,
        batch=batch_size,
        rate=rate,
        width=width,
        seed=seed,
        augment=augment,
        illegible=illegible,
        real_share=real_share,
        charset=None if charset is None else "".join(read_charset(charset)),
        slots=slots,
        precision=precision,
        device=device,
        threads=threads,
        check_every=check_every,
    )
    with Progress(unit="steps") as progress:
        done = run(datasets, out, options, progress, real=real, export_batch=batch)
    said = done.summary
    for kind, scores in said["validation"].items():
        typer.echo(
            f"validation ({kind}, {scores['count']} crops): exact {scores['exact']:.3f},"
            f" strict {scores['strict']:.3f}, CER {scores['cer']:.3f}"
        )
    typer.echo(
        f"{done.file}: {said['parameters'] / 1e6:.2f} million parameters, {said['macs'] / 1e6:.0f}"
        f" million multiplications a plate, {said['milliseconds']:.1f} ms on one core here"
    )
