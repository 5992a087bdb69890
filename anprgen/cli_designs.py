# SPDX-License-Identifier: Apache-2.0
"""The commands about designs: check one, draw its textures, list them, start one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Design = Annotated[str, typer.Argument(help="A design file or a shipped name")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the program's."""
    app.command()(validate)
    app.command()(texture)
    app.add_typer(design_commands, name="designs")


def validate(design: Design) -> None:
    """Check a design: schema, grammar, glyphs, places."""
    from anprgen.design import load_design
    from anprgen.lint import check_design

    loaded = load_design(design)
    check_design(loaded)
    typer.echo(f"{loaded.path}: good, {len(loaded.series)} series, {len(loaded.layouts)} layouts")


def texture(
    design: Design,
    text: Annotated[str, typer.Option(help='The registration: "WP CBA 8215"')],
    out: Annotated[Path, typer.Option("-o", help="Folder")] = Path(),
    variant: Annotated[str | None, typer.Option(help="Layout of the plate")] = None,
    series: Annotated[str | None, typer.Option(help="Series of the registration")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="A part that the text leaves out: fuel=D")
    ] = None,
) -> None:
    """Write one plate's base colour, height (16 bit) and retro-reflection as PNG."""
    from anprgen.swatch import write_textures

    for path in write_textures(
        design, text, out, variant=variant, series=series, fields=field or ()
    ):
        typer.echo(str(path))


design_commands = typer.Typer(help="List the designs that come with anprgen, or start one.")


@design_commands.callback(invoke_without_command=True)
def designs(context: typer.Context) -> None:
    """List the designs that come with anprgen, or start one."""
    if context.invoked_subcommand:
        return
    from anprgen.design import load_design, shipped_designs

    for name in shipped_designs():
        design = load_design(name)
        layouts = ", ".join(design.layouts)
        typer.echo(f"{name:16} {design.title}\n{'':16} {len(design.series)} series; {layouts}")


@design_commands.command("new")
def new_design(
    name: Annotated[str, typer.Argument(help="Name of the design: small letters, digits, _")],
    out: Annotated[Path, typer.Option("-o", help="Folder")] = Path(),
) -> None:
    """Write a commented design to start from."""
    from anprgen.starter import write_starter

    path = write_starter(name, out)
    typer.echo(f"{path}: change it, then: anprgen validate {path}")
