# SPDX-License-Identifier: Apache-2.0
"""Errors for people: what is wrong, where it is, and what to do next."""

from __future__ import annotations


class AnprgenError(Exception):
    """Something the user can put right; the command line prints it and exits with code 2.

    Args:
        message: what is wrong, in one sentence.
        where: file and, inside it, the JSON path (``designs/x.json: $.series[0].weight``).
        hint: what to do next.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.where, self.hint = message, where, hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  {self.hint}" if self.hint else text


class ConfigError(AnprgenError):
    """A configuration file or override does not fit the parameter space."""


class DesignError(AnprgenError):
    """A plate design is not usable."""


class RenderError(AnprgenError):
    """A renderer could not make this picture; `kind` is one of `anprgen.failures.KINDS`."""

    kind = "scene"


class DatasetError(AnprgenError):
    """An output folder is not what the command needs."""


class ModelError(AnprgenError):
    """A model's file, or what it is asked to read, is not usable."""


class MissingLibrary(DatasetError):
    """Something needs a library that is not installed; `extra` is anprgen's that brings it."""

    def __init__(self, message: str, *, extra: str = "export") -> None:
        super().__init__(message, hint=f"pip install 'anprgen[{extra}]'")


def nearest(name: str, known: list[str], count: int = 3) -> str:
    """A hint that names the known words closest to a mistyped one."""
    import difflib

    close = difflib.get_close_matches(name, known, n=count, cutoff=0.4)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known[:12])}"
