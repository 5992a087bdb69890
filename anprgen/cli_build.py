# SPDX-License-Identifier: Apache-2.0
"""The command that makes datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anprgen.cli_words import (
    Backgrounds,
    Blender,
    CameraName,
    ConfigFile,
    CyclesSamples,
    Designs,
    Devices,
    Fps,
    Frames,
    Hdri,
    RendererName,
    Seed,
    Task,
)
from anprgen.defaults import SAMPLES


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(build)


def build(
    designs: Designs,
    n: Annotated[int, typer.Option("-n", help="How many samples, or sequences, it shall have")],
    task: Task = "ocr",
    frames: Frames = None,
    fps: Fps = None,
    seed: Seed = 0,
    out: Annotated[
        str | None, typer.Option("-o", help="A folder, or s3://...  Default: ./<design>-<task>")
    ] = None,
    config: ConfigFile = None,
    camera: CameraName = None,
    samples: CyclesSamples = SAMPLES,
    renderer: RendererName = "blender",
    device: Devices = "auto",
    workers: Annotated[int | None, typer.Option(help="Default: the cores; 2 a card")] = None,
    blender: Blender = None,
    allow_mixed: Annotated[
        bool, typer.Option(help="Continue a dataset on another device or Blender")
    ] = False,
    retry_failed: Annotated[bool, typer.Option(help="Try failed samples once more")] = False,
    balance: Annotated[
        str, typer.Option(help="grammar: as on the road; characters: equal shares of all")
    ] = "grammar",
    exclude: Annotated[
        Path | None, typer.Option(help="File of registrations, one a line, never to be drawn")
    ] = None,
    glyph_check: Annotated[
        bool, typer.Option(help="Compare every glyph's label with a rendered pass")
    ] = False,
    variants: Annotated[int, typer.Option(help="Photographs made of each render")] = 1,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Beside the pictures: light, and clean, clean2x or clean4x"),
    ] = None,
    light_from: Annotated[
        Path | None, typer.Option(help="A dataset that kept its light: photograph that again")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Make part I of N, for `anprgen merge`")
    ] = None,
    recycle: Annotated[
        int, typer.Option(help="Samples after which a worker is replaced; 0: never")
    ] = 10_000,
    json_log: Annotated[
        Path | None, typer.Option(help="File for events, one JSON object a line; -: stdout")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="files, or tar: shards that WebDataset reads")
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="With -o s3://...: the folder here that it passes through")
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or ray: the machines of a cluster")] = "local",
    address: Annotated[str | None, typer.Option(help="Of the Ray cluster; auto: this one")] = None,
    hdri: Hdri = None,
    backgrounds: Backgrounds = None,
) -> None:
    """Make a dataset, or continue it: the same command resumes, a larger -n extends."""
    from anprgen.arguments import default_out, make_config, sequence_sizes
    from anprgen.build import build as run
    from anprgen.build import check_sizes
    from anprgen.failures import KINDS
    from anprgen.progress import Progress, duration
    from anprgen.remote import Remote, is_remote, scratch_of
    from anprgen.run_log import RunLog
    from anprgen.share import Share
    from anprgen.tasks import Spec

    share = Share.parse(shard) if shard is not None else None
    each, _ = sequence_sizes(task, frames, fps)
    check_sizes(n * max(each, 1), samples, workers, frames=each)
    made = make_config(
        designs,
        task=task,
        seed=seed,
        samples=samples,
        renderer=renderer,
        config=config,
        camera=camera,
        balance=balance,
        exclude=exclude,
        variants=variants,
        light_from=light_from,
        hdri=hdri,
        backgrounds=backgrounds,
        frames=frames,
        fps=fps,
    )
    remote = Remote(out) if out is not None and is_remote(out) else None
    if remote is not None:
        place = scratch or scratch_of(remote.url)
    else:
        place = Path(out) if out is not None else default_out(made, share)
    spec = Spec(
        made,
        place,
        device,
        1,
        blender,
        glyph_check,
        tuple(keep or ()),
        light_from,
        layout,
    )
    with Progress() as progress, RunLog(json_log) as log:
        done = run(
            spec,
            n * max(made.frames, 1),
            progress,
            workers=workers,
            allow_mixed=allow_mixed,
            retry_failed=retry_failed,
            share=share,
            recycle_after=recycle,
            tell=log,
            engine=engine,
            address=address,
            remote=remote,
        )
    target = remote.url if remote is not None else done.root
    of = f"{n} sequences, " if made.frames else ""
    total = f"{of}{done.total} {'frames' if made.frames else 'samples'}"
    typer.echo(f"{target}: {total}, {done.made} made in {duration(done.seconds)}")
    if done.failed:
        typer.echo(f"{done.failed} failed: {done.root / 'failures.jsonl'}", err=True)
        for kind, count in done.kinds.most_common():
            typer.echo(f"  {count} {kind}: {KINDS[kind]}", err=True)
    if done.drifted:
        first = ", ".join(map(str, sorted(done.drifted)[:20]))
        typer.echo(f"{len(done.drifted)} samples failed the glyph check: {first}", err=True)
    if done.failed or done.drifted:
        raise typer.Exit(1)
