# SPDX-License-Identifier: Apache-2.0
"""The pages of datasets: thumbnails with filters, one sample in full, pictures and records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anprgen.config import WHOLE_FRAMES
from anprgen.samples import Record
from anprgen.serving import facts
from anprgen.serving.index import Index
from anprgen.serving.photographs import Photographs
from anprgen.serving.query import ANY_WEAR, Query
from anprgen.serving.table import PICTURE_WORDS, PLATE_WORDS, WEAR
from anprgen.serving.thumbnails import WIDTH_PX, File, Kept, media_type, thumbnail

#: Samples on a page, alone and in pairs with real pictures.
EACH, EACH_BESIDE = 60, 24
Page = Callable[..., Response]


class Gallery:
    """Answers for datasets by name; nothing in an address is ever a path."""

    def __init__(
        self, indices: Mapping[str, Index], photographs: Photographs | None, page: Page
    ) -> None:
        self._indices, self._photographs, self._page = dict(indices), photographs, page
        self._kept = Kept()

    def routes(self) -> list[Route]:
        """All addresses of datasets."""
        return [
            Route("/data/{name}/", self._grid),
            Route("/data/{name}/sample/{index:int}", self._sample),
            Route("/data/{name}/thumbnail/{index:int}", self._thumbnail),
            Route("/data/{name}/picture/{index:int}", self._picture),
            Route("/data/{name}/record/{index:int}", self._record),
            Route("/photograph/{number:int}", self._photograph),
        ]

    # Functions that are not async run in Starlette's threads: files are read there.

    def _grid(self, request: Request) -> Response:
        name, index = self._named(request)
        query, asked = Query.of(request.query_params), request.query_params
        beside = asked.get("view") == "beside" and self._photographs is not None
        each = EACH_BESIDE if beside else EACH
        table = index.table()
        rows = query.rows(table, index.words)
        pages = max(1, -(-len(rows) // each))
        number = min(max(1, _whole(asked.get("page", "1"))), pages)
        shown = [
            _tile(index.record(table.samples[row]))
            for row in rows[(number - 1) * each : number * each]
        ]
        return self._page(
            "gallery.html",
            here=name,
            index=index,
            query=query,
            tiles=shown,
            matching=len(rows),
            of=len(table.samples),
            number=number,
            pages=pages,
            first=(number - 1) * each + 1,
            detect=index.dataset.manifest.identity["config"].get("task") in WHOLE_FRAMES,
            words={f: index.counts(f) for f in (*PLATE_WORDS, *PICTURE_WORDS)},
            kinds_of_wear=WEAR,
            any_wear=ANY_WEAR,
            beside=beside,
            photographs=self._beside(number, len(shown)) if beside else [],
            has_photographs=self._photographs is not None,
        )

    def _beside(self, page: int, count: int) -> list[tuple[int, str]]:
        """Number and name of the real pictures of a page: they begin again after the last."""
        assert self._photographs is not None
        first, n = (page - 1) * EACH_BESIDE, len(self._photographs)
        numbers = [(first + k) % n for k in range(min(count, n))]
        return [(number, self._photographs.name(number)) for number in numbers]

    def _sample(self, request: Request) -> Response:
        name, index = self._named(request)
        query, table = Query.of(request.query_params), index.table()
        row = index.row_of(table, request.path_params["index"])
        record = index.record(table.samples[row])
        rows = query.rows(table, index.words)
        at = int(np.searchsorted(rows, row))
        inside = at < len(rows) and rows[at] == row
        after = at + 1 if inside else at
        previous = int(table.samples["index"][rows[at - 1]]) if at > 0 else None
        following = int(table.samples["index"][rows[after]]) if after < len(rows) else None
        return self._page(
            "sample.html",
            here=name,
            record=record,
            caption=facts.caption(record),
            query=query,
            quads=facts.quads(record),
            cells=facts.cells(record),
            about=facts.about(record),
            plates=facts.plates(record),
            seen_class=facts.seen_class,
            command=facts.command(index.root, record["id"]),
            shot=_tree(record["shot"]),
            previous=previous,
            following=following,
            back_page=at // EACH + 1 if at >= EACH else None,
        )

    def _thumbnail(self, request: Request) -> Response:
        name, index, record = self._found(request)
        tag = str(record["image"].get("pixels", record["digest"]))
        if (same := _same(request, tag)) is not None:
            return same

        def make() -> File:
            try:
                return thumbnail(index.picture(record))
            except ValueError as e:
                raise HTTPException(404, f"{record['id']}: {e}") from None

        return _file(self._kept.get((name, record["id"], tag), make), tag)

    def _picture(self, request: Request) -> Response:
        _, index, record = self._found(request)
        tag = str(record["image"].get("pixels", record["digest"]))
        if (same := _same(request, tag)) is not None:
            return same
        data = index.picture(record)
        return _file(File(data, media_type(data)), tag)

    def _record(self, request: Request) -> Response:
        return JSONResponse(self._found(request)[2])

    def _photograph(self, request: Request) -> Response:
        photographs = self._photographs
        if photographs is None:
            raise HTTPException(404, "no real pictures are served")
        number = request.path_params["number"]
        file = self._kept.get(("photograph", number), lambda: photographs.file(number, WIDTH_PX))
        return _file(file, f"photograph-{number}-{len(file.data)}")

    def _named(self, request: Request) -> tuple[str, Index]:
        name = request.path_params["name"]
        if name not in self._indices:
            raise HTTPException(404, "there is no such dataset here")
        return name, self._indices[name]

    def _found(self, request: Request) -> tuple[str, Index, Record]:
        name, index = self._named(request)
        table = index.table()
        row = index.row_of(table, request.path_params["index"])
        return name, index, index.record(table.samples[row])


def _tile(record: Record) -> dict[str, Any]:
    return {
        "index": record["index"],
        "id": record["id"],
        "image": record["image"],
        "caption": facts.caption(record),
        "quads": facts.quads(record),
        "cells": facts.cells(record),
    }


def _tree(value: Any, name: str = "shot") -> dict[str, Any]:
    """A JSON value as (name, text) and branches, for a page to fold."""
    leaves, branches = [], []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict) or (isinstance(inner, list) and _holds_objects(inner)):
            branches.append(_tree(inner, str(key)))
        else:
            leaves.append((str(key), _short(inner)))
    return {"name": name, "leaves": leaves, "branches": branches}


def _holds_objects(values: list[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_short, value)) + "]"
    return "–" if value is None or value == "" else str(value)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _same(request: Request, tag: str) -> Response | None:
    """The answer to who has this picture already."""
    if request.headers.get("if-none-match") == f'"{tag}"':
        return Response(status_code=304, headers=_caching(tag))
    return None


def _caching(tag: str) -> dict[str, str]:
    # A dataset may be made again in its folder: browsers ask each time, and get 304.
    return {"etag": f'"{tag}"', "cache-control": "private, no-cache"}


def _file(file: File, tag: str) -> Response:
    return Response(file.data, media_type=file.kind, headers=_caching(tag))
