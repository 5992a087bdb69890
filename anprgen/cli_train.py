# SPDX-License-Identifier: Apache-2.0
"""The command that trains a reader or a detector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    kind: Annotated[
        str, typer.Option(help="reader, detector, or auto: a detector of whole frames")
    ] = "auto",
    steps: Annotated[int, typer.Option(help="How many batches to learn from")] = 3000,
    real: Annotated[
        Path | None,
        typer.Option(help="Your own labelled crops: labels.tsv, or PaddleOCR's lists"),
    ] = None,
    real_share: Annotated[float, typer.Option(help="Of each batch, taken from --real")] = 0.3,
    batch_size: Annotated[
        int | None, typer.Option(help="Crops a step, 128; frames of a detector, 16")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="The highest rate of learning: 0.0015; detector 0.002")
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(help="Channels of the network: 32, 24 halves its cost; detector 16"),
    ] = None,
    size: Annotated[str, typer.Option(help="A detector's input, px")] = "320x192",
    augment: Annotated[bool, typer.Option(help="Change pictures a little")] = True,
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
    seed: Annotated[int, typer.Option(help="Of weights and order", min=0)] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1")] = "auto",
    precision: Annotated[
        str, typer.Option(help="auto, float32, bfloat16 or float16 (CUDA)")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option(help="Of the processor. Default: PyTorch's", min=1)
    ] = None,
    check_every: Annotated[int, typer.Option(help="Steps from one validation to the next")] = 100,
) -> None:
    """Train a reader, or a detector, on datasets of ours; continued by the same command."""
    from anprgen.errors import MissingLibrary
    from anprgen.exporters.options import read_charset
    from anprgen.progress import Progress

    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError:
        raise MissingLibrary("training needs PyTorch and ONNX", extra="train") from None
    from anprgen.training.kinds import chosen

    learning = {"batch": batch_size, "rate": rate, "width": width}
    shared: dict[str, Any] = {
        "steps": steps,
        "seed": seed,
        "augment": augment,
        "illegible": illegible,
        "precision": precision,
        "device": device,
        "threads": threads,
        "check_every": check_every,
        **{name: value for name, value in learning.items() if value is not None},
    }
    if chosen(datasets, kind) == "detector":
        given = {"--real": real, "--charset": charset, "--slots": slots}
        _refuse([*(name for name, v in given.items() if v is not None), *["--batch"] * (batch > 1)])
        _detector(datasets, out, shared, size)
        return
    from anprgen.training.recipe import Options
    from anprgen.training.run import train as run

    options = Options(
        real_share=real_share,
        charset=None if charset is None else "".join(read_charset(charset)),
        slots=slots,
        **shared,
    )
    with Progress(unit="steps") as progress:
        done = run(datasets, out, options, progress, real=real, export_batch=batch)
    said = done.summary
    for name, scores in said["validation"].items():
        typer.echo(
            f"validation ({name}, {scores['count']} crops): exact {scores['exact']:.3f},"
            f" strict {scores['strict']:.3f}, CER {scores['cer']:.3f}"
        )
    _cost(done.file, said, "a plate")


def _detector(datasets: list[Path], out: Path, shared: dict[str, Any], size: str) -> None:
    from anprgen.progress import Progress
    from anprgen.training.detector_recipe import DetectorOptions, read_size
    from anprgen.training.detector_run import train_detector

    across, down = read_size(size)
    options = DetectorOptions(input_width=across, height=down, **shared)
    with Progress(unit="steps") as progress:
        done = train_detector(datasets, out, options, progress)
    scores = done.summary["validation"]
    corner = scores["corner"]
    typer.echo(
        f"validation ({scores['count']} plates): recall {scores['recall']:.3f}, precision"
        f" {scores['precision']:.3f} at IoU 0.5 and confidence {done.summary['threshold']:g}"
        + ("" if corner is None else f"; corners off by {corner:.3f} of the width (median)")
    )
    _cost(done.file, done.summary, "a picture")


def _refuse(words: list[str]) -> None:
    from anprgen.errors import DatasetError

    if words:
        raise DatasetError(
            f"{words[0]} is for readers, and these are whole frames, which train a detector",
            hint="leave it out, or say --kind reader: plates are then cut out of the frames",
        )


def _cost(file: Path, said: dict[str, Any], what: str) -> None:
    typer.echo(
        f"{file}: {said['parameters'] / 1e6:.2f} million parameters, {said['macs'] / 1e6:.0f}"
        f" million multiplications {what}, {said['milliseconds']:.1f} ms on one core here"
    )
