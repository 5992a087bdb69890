# SPDX-License-Identifier: Apache-2.0
"""Goes through pictures: each is read once, its line written, and drawn where that is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anprgen.files import disk_errors
from anprgen.lock import FolderLock
from anprgen.models.plates import PlateReader
from anprgen.reading.annotate import Clip, draw, picture_path, write_picture
from anprgen.reading.results import LINES, Lines, recipe_of, settle
from anprgen.reading.sources import Film, Frame, Source, open_source
from anprgen.run_summary import Report

PICTURES, CLIP = "annotated", "annotated.mp4"


@dataclass(frozen=True)
class Done:
    """What a folder holds now, and how many pictures were read in this run.

    `pictures` lines tell of `plates` plates; `broken` of them of pictures that cannot be read.
    """

    file: Path
    pictures: int
    plates: int
    broken: int
    new: int


def read(
    plates: PlateReader,
    place: Path,
    out: Path,
    report: Report,
    *,
    every: int = 1,
    annotate: bool = False,
) -> Done:
    """Reads a picture, a folder, or a film into `out`, or continues there.

    `out` holds plates.jsonl, and with `annotate` the pictures with what was found drawn over them,
    in annotated/ or, of a film, as annotated.mp4 with every picture that was read.

    Raises:
        AnprgenError: there is nothing to read, a network fails, or the folder is of something else.
    """
    source = open_source(place, every)
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        with FolderLock(out):
            settle(out, recipe_of(plates, place, every))
            with Lines(out / LINES) as lines:
                new = _through(plates, source, lines, out, report, annotate)
    return Done(out / LINES, len(lines), lines.plates, lines.broken, new)


def _through(
    plates: PlateReader, source: Source, lines: Lines, out: Path, report: Report, annotate: bool
) -> int:
    new = 0
    before = len(lines)
    report.begin(before, max(before, source.count))
    with _clip(source, out, annotate) as clip:
        for frame in source.frames():
            drawn = picture_path(out / PICTURES, frame.file)
            film = isinstance(source, Film)
            to_draw = clip is not None or (annotate and not film and not drawn.exists())
            if frame.key in lines and not to_draw:
                continue
            line = lines.line(frame.key) if frame.key in lines else None
            if line is not None and "error" in line:
                continue
            try:
                bgr = frame.pixels()
            except (OSError, ValueError) as e:
                if line is None:
                    lines.add({**_named(frame), "error": str(e)})
                    new += 1
                    report.note(f"{frame.file}: {e}")
                    report.advance()
                continue
            if line is None:
                h, w = bgr.shape[:2]
                found = [plate.to_json() for plate in plates.read(bgr)]
                line = {**_named(frame), "width": w, "height": h, "plates": found}
                lines.add(line)
                new += 1
                report.advance()
            if clip is not None:
                clip.add(draw(bgr, line))
            elif to_draw:
                write_picture(drawn, draw(bgr, line))
    return new


@contextmanager
def _clip(source: Source, out: Path, annotate: bool) -> Iterator[Clip | None]:
    """The annotated film where one is wanted and not there; kept only when it is whole."""
    path = out / CLIP
    if not (annotate and isinstance(source, Film)) or path.exists():
        yield None
        return
    clip = Clip(path, source.rate / source.every)
    try:
        yield clip
    except BaseException:
        clip.drop()
        raise
    clip.finish()


def _named(frame: Frame) -> dict[str, Any]:
    out: dict[str, Any] = {"file": frame.file}
    if frame.frame is not None:
        out |= {"frame": frame.frame, "time_s": frame.time_s}
    return out
