# SPDX-License-Identifier: Apache-2.0
"""The pages in a real browser, on a desk and on a phone. Skipped where there is no Chromium."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest
from making import make
from networks import bands, write_reader
from networks_detect import frame, write_detector
from test_cli import ROOT

from anprgen.dataset import Dataset

playwright = pytest.importorskip("playwright.sync_api", reason="playwright")
for _library in ("starlette", "uvicorn"):
    pytest.importorskip(_library, reason="the extra [serve]")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the path")

DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
N = 70


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser")
    make(out / "crops", N, real=True)
    write_reader(out / "reader.onnx")
    write_detector(out / "detector.onnx")
    return out


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[str]:
    """The address of the program, started as a user starts it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "anprgen", "serve", *words, "--port", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    said = server.stderr.readline()
    found = re.match(r"(http://\S+)/ ", said)
    try:
        assert found, said + server.stderr.read()
        yield found[1]
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder, "crops", "reader.onnx", "--beside", "crops/shards/000000") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as p:
        with p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as opened:
            yield opened


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens a page; at the end none of them may have complained."""
    faults: list[str] = []
    contexts = []

    def go(path: str, *, expect_faults: bool = False, **options: Any) -> Any:
        contexts.append(browser.new_context(**{**DESK, **options}))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        if not expect_faults:
            page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
            page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.goto(address + path, wait_until="networkidle")
        return page

    yield go
    for context in contexts:
        context.close()
    assert not faults


def numbers(page: Any) -> list[int]:
    links = page.locator("a.tile").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return [int(re.search(r"sample/(\d+)", link)[1]) for link in links]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/data/crops/", "/data/crops/?view=beside",
                                  "/data/crops/sample/5", "/read", "/nothing"])  # fmt: skip
def test_pages_fit_and_pictures_come(visit: Any, path: str, size: dict) -> None:
    page = visit(path, **size, expect_faults=path == "/nothing")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["viewport"]["width"]
    broken = """() => [...document.images].filter(i => i.loading !== 'lazy' && i.src &&
        !i.naturalWidth).map(i => i.src)"""
    assert page.evaluate(broken) == []
    unnamed = """() => [...document.querySelectorAll('input:not([type=hidden]), select, button')]
        .filter(f => !f.labels?.length && !f.getAttribute('aria-label') && !f.textContent.trim())
        .map(f => f.outerHTML)"""
    assert page.evaluate(unnamed) == []
    assert page.locator("h1, .empty b").count() >= 1


def test_labels_lie_on_the_picture(visit: Any, folder: Path) -> None:
    """The quad on the screen is the record's, scaled as the picture is, in tile and full view."""
    for record in list(Dataset.open(folder / "crops").records())[3:6]:
        quad = record["plates"][0]["quad"]
        w, h = record["image"]["width"], record["image"]["height"]
        for path, holder in (
            ("/data/crops/", f"a.tile[href*='/sample/{record['index']}'] .frame"),
            (f"/data/crops/sample/{record['index']}", ".stage"),
        ):
            page = visit(path)
            box = page.locator(holder).first.bounding_box()
            drawn = page.locator(f"{holder} .quad").first.evaluate(
                """q => { const m = q.getScreenCTM(); return [...q.points].map(p => {
                    const s = p.matrixTransform(m); return [s.x, s.y]; }); }"""
            )
            scale = min(box["width"] / w, box["height"] / h)
            left = box["x"] + (box["width"] - w * scale) / 2
            top = box["y"] + (box["height"] - h * scale) / 2
            want = [(left + x * scale, top + y * scale) for x, y in quad]
            for (x, y), (a, b) in zip(drawn, want):
                assert (x, y) == pytest.approx((a, b), abs=1.0)
            shown = page.locator(f"{holder} img").first.bounding_box()
            assert shown["width"] == pytest.approx(box["width"], abs=1)


def test_switches_draw_labels_and_are_kept(visit: Any) -> None:
    page = visit("/data/crops/")
    quad, cell = page.locator(".quad").first, page.locator(".cell").first
    assert (quad.is_visible(), cell.is_visible()) == (True, False)
    page.keyboard.press("c")
    page.get_by_label("plates", exact=True).uncheck()
    assert (quad.is_visible(), cell.is_visible()) == (False, True)
    page.goto(page.url.replace("/data/crops/", "/data/crops/sample/2"))
    assert not page.locator(".quad").first.is_visible()
    assert page.locator("text.cell").first.is_visible()


def test_filters_by_hand(visit: Any, folder: Path) -> None:
    want = [
        r["index"]
        for r in Dataset.open(folder / "crops").records()
        if r["plates"][0]["legibility"] == "hard"
    ]
    page = visit("/data/crops/", **PHONE)
    assert not page.get_by_label("Legibility").is_visible()  # folded on a phone
    page.get_by_text("Filters").click()
    with page.expect_navigation(url="**legibility=hard*"):
        page.get_by_label("Legibility").select_option("hard")
    assert numbers(page) == want
    assert "?legibility=hard" in page.url
    assert "wear" not in page.url  # what says nothing is not in the address
    page.go_back()
    assert len(numbers(page)) == 60


def test_keys_lead_through_pages_and_samples(visit: Any, address: str) -> None:
    page = visit("/data/crops/")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**page=2")
    assert numbers(page) == list(range(60, N))
    page.locator("a.tile").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sample/60")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/sample/59")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{address}/data/crops/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_a_picture_is_read_on_a_phone(visit: Any, tmp_path: Path) -> None:
    page = visit("/read", **PHONE)
    camera = page.locator("input[capture=environment]")
    assert "image/jpeg" in camera.get_attribute("accept")
    assert page.get_by_text("Take a picture").bounding_box()["height"] >= 40  # for a thumb
    for text in ("A1B", "C32"):
        cv2.imwrite(str(tmp_path / "plate.png"), bands(text, scale=4))
        page.get_by_label("Choose a picture").set_input_files(tmp_path / "plate.png")
        page.locator(".found .text", has_text=text).wait_for()
    assert page.locator(".found li").count() == 1
    assert re.search(r"9\d(\.\d)? %|100", page.locator(".found li").inner_text())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_plates_are_drawn_where_they_are(
    browser: Any, folder: Path, tmp_path: Path, size: dict
) -> None:
    places = [(60, 44), (404, 60), (196, 260)]
    cv2.imwrite(str(tmp_path / "car.png"), frame(dict.fromkeys(places, "A1B")))
    with serving(folder, "detector.onnx", "reader.onnx") as address:
        page = browser.new_context(**size).new_page()
        page.goto(f"{address}/read")
        page.get_by_label("Choose a picture").set_input_files(tmp_path / "car.png")
        page.get_by_text("3 plates found").wait_for()
        assert page.locator(".found li").count() == 3
        box = page.locator("#stage img").bounding_box()
        scale = box["width"] / 640
        assert box["height"] == pytest.approx(384 * scale, abs=1)
        drawn = page.locator("#shapes polygon.quad").evaluate_all(
            """all => all.map(q => { const m = q.getScreenCTM();
                const p = q.points[0].matrixTransform(m); return [p.x, p.y]; })"""
        )
        want = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in places]
        assert sorted(drawn) == [pytest.approx(p, abs=2.5) for p in sorted(want)]
        crops = page.locator(".found img")
        assert all(crops.nth(k).evaluate("i => i.naturalWidth") > 50 for k in range(3))
        assert page.evaluate("document.documentElement.scrollWidth") <= size["viewport"]["width"]
        page.context.close()


def test_a_picture_is_dropped(visit: Any) -> None:
    page = visit("/read")
    data = base64.b64encode(cv2.imencode(".png", bands("22B", scale=3))[1].tobytes()).decode()
    dropped = """([data, name]) => {
        const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], name));
        document.getElementById('drop').dispatchEvent(
            new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true })); }"""
    page.evaluate(dropped, [data, "plate.png"])
    page.locator(".found .text", has_text="22B").wait_for()


def test_what_is_no_picture_is_told(visit: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("no picture")
    with open(tmp_path / "large.png", "wb") as large:
        large.truncate(26 << 20)
    page = visit("/read", expect_faults=True)  # browsers log answers of 422
    choose = page.get_by_label("Choose a picture")
    choose.set_input_files(tmp_path / "notes.png")
    page.get_by_text("this is no picture").wait_for()
    choose.set_input_files(tmp_path / "large.png")
    page.get_by_text("large.png has 26 MiB: too large").wait_for()
    assert page.locator(".found li").count() == 0
    assert not page.locator("#stage").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(visit: Any, scheme: str) -> None:
    """WCAG's contrast: 4.5 to 1 for text."""
    page = visit("/data/crops/", color_scheme=scheme)
    names = ["page", "card", "ink", "soft", "accent", "on-accent", "good", "fair", "bad", "warn"]
    colours = page.evaluate(
        """names => Object.fromEntries(names.map(n => {
            const e = document.body.appendChild(document.createElement('i'));
            e.setAttribute('hidden', ''); e.style.color = `var(--${n})`;
            return [n, getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).map(Number)]; }))""",
        names,
    )

    def luminance(name: str) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (v / 255 for v in colours[name])
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: str, b: str) -> float:
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    assert (luminance("page") < 0.1) == (scheme == "dark")
    pairs = [(n, p) for n in ("ink", "soft", "accent") for p in ("page", "card")]
    pairs += [("on-accent", "accent"), ("ink", "warn")]
    pairs += [(n, "page") for n in ("good", "fair", "bad")]
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}
