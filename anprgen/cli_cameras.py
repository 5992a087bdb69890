# SPDX-License-Identifier: Apache-2.0
"""The command about cameras: list them, print one as a configuration to change."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(cameras)


def cameras(
    name: Annotated[
        str | None, typer.Argument(help="A camera, to print as a file for --config")
    ] = None,
) -> None:
    """List the cameras that --camera knows, or print one."""
    from anprgen.cameras import camera_about, camera_names, camera_path

    if name is not None:
        typer.echo(camera_path(name).read_text("utf-8"), nl=False)
        return
    for known in camera_names():
        typer.echo(f"{known:8} {camera_about(known)}")
