# SPDX-License-Identifier: Apache-2.0
"""The command line: parse, call, print. A command imports what it needs when it runs."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from anprgen import (
    cli_build,
    cli_cameras,
    cli_designs,
    cli_evalset,
    cli_evaluate,
    cli_look,
    cli_match,
    cli_merge,
    cli_mine,
    cli_plan,
    cli_read,
    cli_serve,
    cli_train,
)
from anprgen.cli_words import (
    Blender,
    DatasetArg,
    Device,
)
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
            goes_on = ctx.invoked_subcommand in ("build", "train")
            more = "; the same command continues from here" * goes_on
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

Sure = Annotated[bool, typer.Option("--version", help="Print the version and end.")]


@app.callback(invoke_without_command=True)
def _version(show: Sure = False) -> None:
    if show:
        from anprgen import __version__

        typer.echo(__version__)
        raise typer.Exit


cli_build.add_to(app)
cli_look.add_to(app)


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
    codec: Annotated[str, typer.Option(help="Of films (mp4): h264 or h265")] = "h264",
    mbit_s: Annotated[
        float | None, typer.Option(help="Bitrate of films; default: by size and frames a second")
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
    options = Options(
        partial, link, illegible, margin, masks, splits, lines, characters, license, codec, mbit_s
    )
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
cli_evaluate.add_to(app)
cli_match.add_to(app)
cli_merge.add_to(app)
cli_mine.add_to(app)
cli_plan.add_to(app)
cli_read.add_to(app)
cli_serve.add_to(app)
cli_train.add_to(app)


def _terminate(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point; a polite end request (SIGTERM) is treated like Ctrl-C."""
    signal.signal(signal.SIGTERM, _terminate)
    app()
