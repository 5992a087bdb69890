# SPDX-License-Identifier: Apache-2.0
"""Lets tesseract, which knows nothing of plates, read clean textures of every Latin design.

    apt-get install -y tesseract-ocr && python tests/benchmarks/reading.py -n 100

Each line of large characters is cut out of the texture, without arms, stickers and hyphens between
them, scaled to the height that the tool reads best, and read on its own; a plate counts when all
its lines are right. The tool was made for printed books: what it confuses (0 and O, 1 and I) a face
may tell apart by a detail. `--show DIR` writes the misread lines.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np

from anprgen.artwork import lay_out
from anprgen.colour import linear_to_srgb
from anprgen.condition import Make
from anprgen.config import Config
from anprgen.design import load_design, shipped_designs
from anprgen.pipeline import make_plan
from anprgen.textures import rasterize

_PX_PER_MM = 1.0
#: Height of capitals that tesseract reads best (its users' measurements: 30 to 33 px).
_CAPITALS_PX = 32.0
#: No micro-text, bright sheet: a plate from the press.
_CLEAN = Make(foil_text=0.0)


def lines_of(name: str, count: int, seed: int) -> list[list[tuple[str, np.ndarray]]]:
    """Of each plate, its lines of large characters: (text, grey picture)."""
    plan = make_plan(Config(seed=seed, designs=((name, 1.0),), renderer="flat"))
    design = load_design(name)
    out = []
    for i in range(count):
        plate = plan.shot(i).plates[0]
        artwork = lay_out(
            design,
            design.layouts[plate.variant],
            next(s for s in design.series if s.id == plate.registration.series),
            plate.registration,
            sheet=plate.sheet,
            options=plate.options,
        )
        size = (round(artwork.size_mm[0] * _PX_PER_MM), round(artwork.size_mm[1] * _PX_PER_MM))
        grey = cv2.cvtColor(
            linear_to_srgb(rasterize(artwork, _CLEAN, size).base_color), cv2.COLOR_RGB2GRAY
        )
        found = []
        large = [c for c in artwork.characters if c.large and c.char.isascii()]
        for line in sorted({c.line for c in large}):
            chars = [c for c in large if c.line == line]
            cells = np.array([c.cell_mm for c in chars]) * _PX_PER_MM
            (x0, y0), (x1, y1) = cells[:, :2].min(0) - 6, cells[:, 2:].max(0) + 6
            left = max(0, round(x0))
            part = grey[max(0, round(y0)) : round(y1), left : round(x1)].copy()
            between = np.ones(part.shape[1], bool)
            for a, _, b, _ in cells:
                between[max(0, round(a) - 2 - left) : round(b) + 2 - left] = False
            part[:, between] = np.median(part)
            if np.median(part) < 128:  # light on dark
                part = 255 - part
            part = cv2.copyMakeBorder(part, 20, 20, 20, 20, cv2.BORDER_REPLICATE)
            scale = _CAPITALS_PX / float((cells[:, 3] - cells[:, 1]).mean())
            part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            found.append(("".join(c.char for c in chars), part))
        out.append(found)
    return out


def read(pictures: list[np.ndarray]) -> list[str]:
    """What tesseract reads in each picture, as one line of capitals and digits."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, picture in enumerate(pictures):
            path = Path(folder) / f"{i:05}.png"
            cv2.imwrite(str(path), picture)
            paths.append(str(path))
        listing = Path(folder) / "list.txt"
        listing.write_text("\n".join(paths) + "\n")
        said = subprocess.run(
            ["tesseract", str(listing), "-", "--psm", "7", "-l", "eng",
             "-c", "tessedit_char_whitelist=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
             "-c", "page_separator=\f"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    pages = said.split("\f")[: len(pictures)]
    return ["".join(c for c in page if c.isalnum()) for page in pages]


def main() -> None:
    """Prints the rate of each design, and what is most often misread as what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("designs", nargs="*", default=shipped_designs())
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=Path)
    given = parser.parse_args()
    for name in given.designs:
        plates = lines_of(name, given.n, given.seed)
        flat = [line for plate in plates for line in plate]
        texts = iter(read([picture for _, picture in flat]))
        exact, same, wrong = 0, 0, Counter[str]()
        for i, plate in enumerate(plates):
            said = [next(texts) for _ in plate]
            want = [text for text, _ in plate]
            exact += said == want
            blind = str.maketrans("OQI", "001")
            same += [s.translate(blind) for s in said] == [w.translate(blind) for w in want]
            for (text, picture), got in zip(plate, said):
                if got == text:
                    continue
                for kind, a0, a1, b0, b1 in SequenceMatcher(None, text, got).get_opcodes():
                    if kind != "equal":
                        wrong[f"{text[a0:a1] or '-'}>{got[b0:b1] or '-'}"] += 1
                if given.show:
                    given.show.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(given.show / f"{name}-{i}-{text}-{got}.png"), picture)
        worst = ", ".join(f"{k} x{v}" for k, v in wrong.most_common(10))
        print(
            f"{name:14} {exact / len(plates):.2f} exact, {same / len(plates):.2f} with 0=O=Q and"
            f" 1=I as one; most misread: {worst or 'none'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
