# SPDX-License-Identifier: Apache-2.0
"""Exports loaded by real tools, and compared with the dataset one by one."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import tools
from truth import truth_of

from anprgen.exporters import export

pytest_plugins = ("exported",)  # the fixtures detect, ocr, real and sequence

LOADS = [
    (name, to, task)
    for name, tool in tools.TOOLS.items()
    if tool.in_ci
    for to, task in tool.formats
]


@pytest.mark.parametrize(("name", "to", "task"), LOADS)
def test_a_real_tool_loads_what_was_exported(
    name: str, to: str, task: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    dataset = request.getfixturevalue(task)
    export(dataset, to, tmp_path / "x")
    counts = importlib.import_module(f"check_{name}").check(to, tmp_path / "x", truth_of(dataset))
    truth = truth_of(dataset).pictures
    assert counts.images == len(truth)
    assert counts.labels == sum(len(p["plates"]) for p in truth.values())


def test_a_check_notices_a_box_that_moved(detect, tmp_path: Path) -> None:
    """The comparison itself can fail."""
    export(detect, "yolo-detect", tmp_path / "x")
    truth = truth_of(detect)
    path = next(p for p in sorted(tmp_path.glob("x/labels/train/*.txt")) if p.read_text())
    row = path.read_text().split()
    moved = float(row[1]) + 0.02 / truth.pictures[path.stem]["width"]
    path.write_text(" ".join([row[0], f"{moved:.6f}", *row[2:]]) + "\n")
    check = importlib.import_module("check_supervision").check
    with pytest.raises(AssertionError, match=path.stem):
        check("yolo-detect", tmp_path / "x", truth)


def test_the_page_has_the_results() -> None:
    page = tools.PAGE.read_text("utf-8")
    assert tools.table(tools.results()) in page, "run tests/real_tools/run, it writes the table"


def test_no_result_is_older_than_its_exporter() -> None:
    """Tools that no CI run has: their rows name the source they ran with."""
    for row in tools.results():
        if not tools.TOOLS[row["loader"]].in_ci:
            current = tools.source_digest(row["format"])
            assert row["source_sha256"] == current, f"run tests/real_tools/run {row['loader']}"
