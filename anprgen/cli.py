# SPDX-License-Identifier: Apache-2.0
"""The command line: parse, call, print. A command imports what it needs when it runs."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from anprgen import cli_cameras, cli_designs, cli_evalset, cli_match, cli_merge, cli_plan
from anprgen.errors import AnprgenError


class _Commands(TyperGroup):
    """Turns errors for people into plain text and exit code 2, Ctrl-C into exit code 130."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AnprgenError as e:
            typer.echo(f"anprgen: {e}", err=True)
            raise typer.Exit(2) from None
        except ImportError as e:
            from anprgen.libraries import HINT, is_missing

            if not is_missing(str(e)):
                raise
            typer.echo(f"anprgen: this machine lacks a system library: {e}\n  {HINT}", err=True)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            more = "; the same command continues from here" * (ctx.invoked_subcommand == "build")
            typer.echo(f"anprgen: stopped{more}", err=True)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Synthetic licence-plate data: pictures with exact labels from plate designs.",
)

Designs = Annotated[
    list[str], typer.Argument(help="Design files or shipped names, with weights: sri_lanka=3")
]
DatasetArg = Annotated[Path, typer.Argument(metavar="OUT", help="A dataset's folder")]
Task = Annotated[str, typer.Option(help="ocr: plate crops; detect: street pictures")]
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
Sure = Annotated[bool, typer.Option("--version", help="Print the version and end.")]


@app.callback(invoke_without_command=True)
def _version(show: Sure = False) -> None:
    if show:
        from anprgen import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def build(
    designs: Designs,
    n: Annotated[int, typer.Option("-n", help="How many samples the dataset shall have")],
    task: Task = "ocr",
    seed: Seed = 0,
    out: Annotated[
        str | None, typer.Option("-o", help="A folder, or s3://...  Default: ./<design>-<task>")
    ] = None,
    config: ConfigFile = None,
    camera: CameraName = None,
    samples: CyclesSamples = 16,
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
) -> None:
    """Make a dataset, or continue it: the same command resumes, a larger -n extends."""
    from anprgen.arguments import default_out, make_config
    from anprgen.build import build as run
    from anprgen.build import check_sizes
    from anprgen.failures import KINDS
    from anprgen.progress import Progress, duration
    from anprgen.remote import Remote, is_remote, scratch_of
    from anprgen.run_log import RunLog
    from anprgen.share import Share
    from anprgen.tasks import Spec

    share = Share.parse(shard) if shard is not None else None
    check_sizes(n, samples, workers)
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
            n,
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
    typer.echo(f"{target}: {done.total} samples, {done.made} made in {duration(done.seconds)}")
    if done.failed:
        typer.echo(f"{done.failed} failed: {done.root / 'failures.jsonl'}", err=True)
        for kind, count in done.kinds.most_common():
            typer.echo(f"  {count} {kind}: {KINDS[kind]}", err=True)
    if done.drifted:
        first = ", ".join(map(str, sorted(done.drifted)[:20]))
        typer.echo(f"{len(done.drifted)} samples failed the glyph check: {first}", err=True)
    if done.failed or done.drifted:
        raise typer.Exit(1)


@app.command()
def preview(
    designs: Designs,
    n: Annotated[int, typer.Option("-n", help="How many pictures")] = 24,
    out: Annotated[Path | None, typer.Option("-o", help="Default: <design>-<task>.png")] = None,
    task: Task = "ocr",
    seed: Seed = 0,
    config: ConfigFile = None,
    camera: CameraName = None,
    samples: CyclesSamples = 16,
    renderer: RendererName = "blender",
    device: Device = "auto",
    blender: Blender = None,
    hdri: Hdri = None,
) -> None:
    """Make contact sheets of the first samples, clean and with labels drawn."""
    from anprgen.arguments import default_out, make_config
    from anprgen.build import check_sizes
    from anprgen.preview import preview as run

    check_sizes(n, samples)
    made = make_config(
        designs,
        task=task,
        seed=seed,
        samples=samples,
        renderer=renderer,
        config=config,
        camera=camera,
        hdri=hdri,
    )
    target = out or Path(f"{default_out(made)}.png")
    for path in run(made, n, target, device=device, executable=blender):
        typer.echo(str(path))


@app.command()
def show(
    dataset: DatasetArg,
    sample: Annotated[str, typer.Argument(metavar="ID", help="A sample's id or index")],
    out: Annotated[Path | None, typer.Option("-o", help="Default: OUT/shown")] = None,
    device: Device = "auto",
    blender: Blender = None,
) -> None:
    """Make one sample again from its manifest and tell whether it is bit-equal."""
    from anprgen.dataset import Dataset
    from anprgen.reproduce import reproduce

    found = reproduce(
        Dataset.open(dataset), sample, out or dataset / "shown", device=device, executable=blender
    )
    for note in found.notes:
        typer.echo(note)
    typer.echo(f"{found.picture}: {found}")
    if not found.equal:
        raise typer.Exit(1)


@app.command()
def verify(dataset: DatasetArg) -> None:
    """Check every file and record, and print one digest of all pixels and labels."""
    from anprgen.dataset import Dataset
    from anprgen.verify import verify as run

    verdict = run(Dataset.open(dataset))
    for fault in verdict.damage:
        typer.echo(f"damaged: {fault}", err=True)
    for line in verdict.lines():
        typer.echo(line)
    if verdict.damage:
        raise typer.Exit(1)


@app.command()
def doctor(
    folder: Annotated[Path, typer.Option("-o", help="Where datasets would go")] = Path(),
    device: Device = "auto",
    blender: Blender = None,
) -> None:
    """Tell what this machine has and lacks."""
    from anprgen.doctor import examine

    checks = examine(folder, device, blender)
    for check in checks:
        typer.echo(f"{'ok     ' if check.ok else 'LACKING'} {check.name}: {check.detail}")
        if check.hint and not check.ok:
            typer.echo(f"        {check.hint}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@app.command()
def export(
    dataset: DatasetArg,
    to: Annotated[str, typer.Option("--to", help="A format, or all; a wrong one lists them")],
    out: Annotated[Path, typer.Option("-o", help="A new folder, or an earlier export")],
    partial: Annotated[bool, typer.Option(help="Go on though samples are missing")] = False,
    link: Annotated[bool, typer.Option(help="Hard links instead of copies of pictures")] = False,
    illegible: Annotated[bool, typer.Option(help="Keep plates that nobody can read")] = False,
    margin: Annotated[float, typer.Option(help="Around cut-out plates, of their box")] = 0.08,
    masks: Annotated[str, typer.Option(help="COCO's masks: polygon or rle")] = "polygon",
    split: Annotated[
        list[str] | None, typer.Option(help="train, val or test, also several; default: all")
    ] = None,
    lines: Annotated[
        str, typer.Option(help="Plates of two lines: joined, separate or side-by-side")
    ] = "joined",
    charset: Annotated[
        Path | None, typer.Option(help="File of all characters, one a line, in their order")
    ] = None,
    license: Annotated[
        str | None, typer.Option(help="Of the data, for the data card: cc-by-4.0")
    ] = None,
) -> None:
    """Write a finished dataset in the format of a training tool."""
    from anprgen.dataset import Dataset
    from anprgen.exporters import export as run
    from anprgen.exporters import export_all
    from anprgen.exporters.options import Options, read_charset
    from anprgen.splits import SPLITS

    splits = tuple(name for part in split or SPLITS for name in part.split(","))
    characters = None if charset is None else read_charset(charset)
    options = Options(partial, link, illegible, margin, masks, splits, lines, characters, license)
    found, every = Dataset.open(dataset), to == "all"
    done = export_all(found, out, options) if every else [(to, run(found, to, out, options))]
    for name, result in done:
        if isinstance(result, AnprgenError):
            typer.echo(f"{name}: left out: {result}", err=True)
            continue
        for note in result.notes:
            typer.echo(f"{name}: {note}" if every else note)
        typer.echo(f"{result.out}: {result.files} files")


@app.command()
def params() -> None:
    """List every parameter that --config can override."""
    import json

    from anprgen.draw import parameters

    for p in parameters():
        typer.echo(f"{p.path}\n    {p.doc}\n    {json.dumps(p.distribution.to_json())}")


cli_designs.add_to(app)
cli_cameras.add_to(app)
cli_evalset.add_to(app)
cli_match.add_to(app)
cli_merge.add_to(app)
cli_plan.add_to(app)


def _terminate(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point; a polite end request (SIGTERM) is treated like Ctrl-C."""
    signal.signal(signal.SIGTERM, _terminate)
    app()
