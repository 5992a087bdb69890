# SPDX-License-Identifier: Apache-2.0
"""Opens what a command line names, and serves it until it is stopped."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anprgen.errors import AnprgenError, MissingLibrary
from anprgen.models.plates import PlateReader
from anprgen.serving.guard import is_address


class ServeError(AnprgenError):
    """Nothing can be served in this way."""


@dataclass(frozen=True)
class Served:
    """What is served: datasets by their folder, a reader, a folder of real pictures."""

    datasets: Sequence[Path] = ()
    reader: PlateReader | None = None
    beside: Path | None = None


def sort_out(words: Sequence[Path], data: Sequence[Path], beside: Path | None) -> Served:
    """Tells datasets from models, and opens the models.

    Raises:
        AnprgenError: one of them is neither, or there are two of a kind.
    """
    from anprgen.manifest import NAME
    from anprgen.models.opening import open_models

    datasets = [*data, *(word for word in words if (word / NAME).exists())]
    models = [word for word in words if word not in datasets]
    for word in models:
        if not word.exists():
            raise ServeError(
                "there is no such file or folder",
                where=str(word),
                hint="name a dataset's folder, or a model that `anprgen train` wrote",
            )
    if not datasets and not models:
        raise ServeError(
            "there is nothing to serve",
            hint="anprgen serve OUT shows a dataset, anprgen serve reader.onnx reads pictures",
        )
    if beside is not None and not datasets:
        raise ServeError("--beside needs a dataset to show the pictures beside")
    return Served(datasets, open_models(models) if models else None, beside)


def address_names(roots: Sequence[Path]) -> list[str]:
    """A name for the address of each dataset: its folder's, numbered where two are called alike."""
    names: list[str] = []
    for root in roots:
        base = "".join(
            c if c.isalnum() or c in "-_.+" else "-" for c in Path(os.path.abspath(root)).name
        )
        base, name, count = base.strip(".") or "data", "", 1
        while not name or name in names:
            name = base if count == 1 else f"{base}-{count}"
            count += 1
        names.append(name)
    return names


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free one.

    Raises:
        ServeError: it cannot.
    """
    try:
        kind, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        server = socket.socket(kind, socket.SOCK_STREAM)
        try:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(address)
            server.listen(128)
        except OSError:
            server.close()
            raise
        return server
    except (OSError, OverflowError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        raise ServeError(
            f"cannot listen on {host}, port {port}: {reason}",
            hint="choose another one with --port (0: any that is free) or --host",
        ) from None


def serve(
    served: Served,
    host: str,
    port: int,
    say: Callable[[str], None],
    names: Sequence[str] = (),
) -> None:
    """Serves until Ctrl-C; `names` are what a proxy's visitors ask for, besides `host`.

    Raises:
        AnprgenError: a folder or a model is not usable, the port is taken, the extra is missing.
    """
    uvicorn = _uvicorn()
    from anprgen.serving.app import make_app
    from anprgen.serving.index import Index
    from anprgen.serving.photographs import Photographs

    roots = list(served.datasets)
    indices = {name: Index(root) for name, root in zip(address_names(roots), roots)}
    photographs = Photographs(served.beside) if served.beside is not None else None
    own = [] if is_address(host) else [host]
    app = make_app(indices, served.reader, photographs, [*own, *names])
    with listen(host, port) as server:
        for index in indices.values():
            index.start()
        at = server.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        if host in ("0.0.0.0", "::"):
            say(f"open to your network, without a password: http://{socket.gethostname()}:{at}/")
            shown = "127.0.0.1"
        say(f"http://{shown}:{at}/  (Ctrl-C ends it)")
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            limit_concurrency=200,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run(sockets=[server])


def _uvicorn() -> Any:
    try:
        import jinja2  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as e:
        raise MissingLibrary(f"serving needs {e.name}", extra="serve") from None
    return uvicorn
