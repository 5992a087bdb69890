# SPDX-License-Identifier: Apache-2.0
"""The pages: which address answers with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from anprgen import __version__
from anprgen.errors import AnprgenError, ModelError
from anprgen.models.plates import PlateReader
from anprgen.serving.gallery import Gallery
from anprgen.serving.guard import App, Guard
from anprgen.serving.index import Index
from anprgen.serving.photographs import Photographs
from anprgen.serving.query import QueryError
from anprgen.serving.read_page import ReadPage
from anprgen.serving.uploads import UploadError

_HERE = Path(__file__).parent


def make_app(
    indices: Mapping[str, Index],
    reader: PlateReader | None = None,
    photographs: Photographs | None = None,
    names: Iterable[str] = (),
) -> App:
    """The server's ASGI application.

    Args:
        indices: of the datasets, by the name in their address; the caller starts them.
        reader: of the page that reads pictures; None: there is no such page.
        photographs: real pictures to show beside the datasets.
        names: further names that the server may be called by.
    """
    pages = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(
        version=__version__, datasets=list(indices), can_read=reader is not None, here=""
    )

    def page(name: str, code: int = 200, **values: Any) -> Response:
        return HTMLResponse(pages.get_template(name).render(**values), code)

    def home(request: Request) -> Response:
        if indices:
            return RedirectResponse(f"/data/{next(iter(indices))}/")
        return RedirectResponse("/read")

    def fault(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            status, message, hint = error.status_code, str(error.detail), None
        else:
            assert isinstance(error, AnprgenError)
            status, message, hint = _status(error), error.message, error.hint
            if error.where:
                message = f"{Path(error.where).name}: {message}"  # whole paths are not told
        if "text/html" in request.headers.get("accept", ""):
            return page("error.html", status, status=status, message=message, hint=hint)
        return JSONResponse({"error": message, "hint": hint}, status)

    def broken(request: Request, error: Exception) -> Response:
        # Starlette raises the error again, so that it stands in the log.
        return fault(request, HTTPException(500, "something here is broken; the log says what"))

    gallery = Gallery(indices, photographs, page)
    routes = [
        Route("/", home),
        *gallery.routes(),
        *(ReadPage(reader, page).routes() if reader is not None else ()),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={AnprgenError: fault, HTTPException: fault, Exception: broken},
    )
    return Guard(app, names)


def _status(error: AnprgenError) -> int:
    if isinstance(error, UploadError):
        return error.status
    if isinstance(error, ModelError):
        return 500
    return 400 if isinstance(error, QueryError) else 404
