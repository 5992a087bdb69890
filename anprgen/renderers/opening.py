# SPDX-License-Identifier: Apache-2.0
"""Opens a renderer by its name, with the pictures of the user's own that it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anprgen.backgrounds import BackgroundFolder
from anprgen.config import Config
from anprgen.errors import ConfigError, nearest
from anprgen.hdris import HdriFolder
from anprgen.renderers import Renderer


def open_renderer(
    name: str,
    device: str = "auto",
    threads: int | None = None,
    executable: Path | None = None,
    hdris: HdriFolder | None = None,
    backgrounds: BackgroundFolder | None = None,
) -> Renderer:
    """A renderer by name, ``blender`` or ``flat``; use it as a context manager.

    `hdris` are environment pictures, `backgrounds` photographs of the user's own that shots name.
    """
    if name == "flat":
        from anprgen.renderers.flat import FlatRenderer

        if device not in ("auto", "cpu"):
            raise ConfigError(
                f"the flat renderer uses no {device}", hint="leave --device out, or use Blender"
            )
        return FlatRenderer(backgrounds)
    if name == "blender":
        from anprgen.renderers.blender import BlenderRenderer

        return BlenderRenderer(
            device=device,
            threads=threads,
            executable=executable,
            hdris=hdris,
            backgrounds=backgrounds,
        )
    raise ConfigError(f"unknown renderer {name!r}", hint=nearest(name, ["blender", "flat"]))


def folders_of(config: Config) -> dict[str, Any]:
    """The user's own pictures of a configuration, as `open_renderer` takes them; {} for none."""
    own: dict[str, Any] = {}
    if config.hdris:
        own["hdris"] = HdriFolder(Path(config.hdri_folder), config.hdris)
    if config.backgrounds:
        own["backgrounds"] = BackgroundFolder(Path(config.background_folder), config.backgrounds)
    return own
