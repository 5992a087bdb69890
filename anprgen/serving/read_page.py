# SPDX-License-Identifier: Apache-2.0
"""The page that reads plates in a visitor's picture. Pictures are kept in memory, and not kept."""

from __future__ import annotations

import base64
import time
from typing import Any

import anyio
import cv2
from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anprgen.models.plates import PlateReader
from anprgen.samples import Pixels
from anprgen.serving import uploads
from anprgen.serving.gallery import Page
from anprgen.serving.uploads import UploadError

#: Pictures that are read at a time, and those on their way or waiting. A slow sender keeps a
#: place among the latter only.
AT_ONCE, WAITING = 2, 16
#: Crops of more plates are left out of an answer.
_MOST_CROPS = 20
_CROP_PX = 320


class ReadPage:
    """Answers for one reader, detector, or both."""

    def __init__(self, reader: PlateReader, page: Page) -> None:
        self._reader, self._page = reader, page
        self._limit: CapacityLimiter | None = None
        self._waiting = 0

    def routes(self) -> list[Route]:
        """The page, and where its pictures go."""
        return [
            Route("/read", self._show, methods=["GET"]),
            Route("/read", self._read, methods=["POST"]),
        ]

    def _show(self, request: Request) -> Response:
        reader, detector = self._reader.reader, self._reader.detector
        return self._page(
            "read.html",
            here="read",
            reads=reader is not None,
            finds=detector is not None,
            models=[
                f"{card.name} ({card.kind})"
                for card in (model.card for model in (detector, reader) if model is not None)
            ],
            most_mib=uploads.MOST_BYTES >> 20,
            most_mpx=uploads.MOST_PX // 10**6,
        )

    async def _read(self, request: Request) -> Response:
        if self._limit is None:  # It belongs to the loop that serves.
            self._limit = CapacityLimiter(AT_ONCE)
        if self._waiting >= WAITING:
            raise UploadError("too many pictures at once", 503, hint="try again in a moment")
        self._waiting += 1
        try:
            data = await _body(request)
            await self._limit.acquire()
        finally:
            self._waiting -= 1
        try:
            return JSONResponse(await to_thread.run_sync(self._answer, data))
        finally:
            self._limit.release()

    def _answer(self, data: bytes) -> dict[str, Any]:
        bgr = uploads.decode(data)
        begun = time.perf_counter()
        found = self._reader.read(bgr)
        took = time.perf_counter() - begun
        plates = [plate.to_json() for plate in found]
        for plate, said in zip(found[:_MOST_CROPS], plates):
            said["crop"] = _data_url(plate.crop)
        h, w = bgr.shape[:2]
        return {"width": w, "height": h, "seconds": round(took, 4), "plates": plates}


async def _body(request: Request) -> bytes:
    try:
        with anyio.fail_after(60):
            return await uploads.body(request.stream(), request.headers.get("content-length"))
    except TimeoutError:
        raise UploadError("the picture did not come within a minute", 408) from None
    except ClientDisconnect:
        raise UploadError("the sender has gone", 400) from None


def _data_url(crop: Pixels) -> str:
    h, w = crop.shape[:2]
    scale = min(1.0, _CROP_PX / w, _CROP_PX / h)
    if scale < 1:
        size = max(1, round(w * scale)), max(1, round(h * scale))
        crop = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    _, png = cv2.imencode(".png", crop)
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
