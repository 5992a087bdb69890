# SPDX-License-Identifier: Apache-2.0
"""Draws the pictures of docs/serve.md: `python docs/serve_screens.py ADDRESS DATASET [PICTURE]`.

ADDRESS is that of a running `anprgen serve`, DATASET a name in it, PICTURE a made one to read.
Needs playwright, and Debian's chromium.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
DESK, PHONE = (1180, 700), (390, 844)
_GAP_PX = 24


def main(address: str, dataset: str, picture: str | None = None) -> None:
    data = f"{address}/data/{dataset}/"
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def page(url: str, phone: bool = False, dark: bool = False) -> Any:
            width, height = PHONE if phone else DESK
            opened = browser.new_page(
                viewport={"width": width, "height": height},
                is_mobile=phone,
                color_scheme="dark" if dark else "light",
            )
            opened.goto(url, wait_until="networkidle")
            return opened

        desk = page(f"{data}?text=WP")
        desk.check("#draw-cells")
        save([shot(desk)], "serve-gallery.png")
        phones = [page(data, phone=True)]
        phones += [page(f"{data}sample/29", phone=True, dark=True)]
        phones[1].check("#draw-cells")
        phones += [page(f"{data}sample/29", phone=True)]
        phones[2].evaluate("document.querySelectorAll('h2')[2].scrollIntoView()")
        if picture is not None:
            phones[2] = page(f"{address}/read", phone=True)
            phones[2].get_by_label("Choose a picture").set_input_files(picture)
            phones[2].locator(".found li").first.wait_for()
        save([shot(one) for one in phones], "serve-phone.png")


def shot(page: Any) -> Image.Image:
    page.wait_for_timeout(300)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save(shots: list[Image.Image], name: str) -> None:
    """Side by side, in 256 colours."""
    width = sum(s.width for s in shots) + _GAP_PX * (len(shots) - 1)
    sheet = Image.new("RGB", (width, shots[0].height), "white")
    x = 0
    for one in shots:
        sheet.paste(one, (x, 0))
        x += one.width + _GAP_PX
    sheet.quantize(256, Image.Quantize.MEDIANCUT).save(DOCS / name, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
