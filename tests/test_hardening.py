# SPDX-License-Identifier: Apache-2.0
"""Designs and configurations are not trusted: words instead of tracebacks, and bounds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzzing import overrides, spoiled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anprgen.arguments import make_config
from anprgen.config import read_overrides
from anprgen.design import load_design
from anprgen.errors import AnprgenError
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.resources import designs_dir

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def refusal(act: Callable[[], object]) -> str:
    """What was said against it, or nothing."""
    try:
        act()
    except AnprgenError as e:
        return str(e)
    return ""


def attempt(config: Path, task: str = "ocr") -> str:
    """Makes sample 0 with a configuration's file; what was said against it, or nothing.

    Raises:
        AssertionError: it took longer than five seconds.
    """
    begun = time.process_time()

    def make() -> None:
        made = make_config(["sri_lanka"], task=task, renderer="flat", config=config)
        plan = make_plan(made)
        with open_renderer("flat") as renderer:
            plan.sample(0, renderer)

    said = refusal(make)
    assert time.process_time() - begun < 5, config.read_text("utf-8")
    return said


@QUIET
@given(data=overrides())
def test_a_broken_configuration_is_refused_in_words_or_works(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("c") / "c.json"
    path.write_text(json.dumps(data), "utf-8")
    attempt(path)


@QUIET
@given(data=st.data())
def test_a_spoiled_file_is_refused_in_words_or_works(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("f")
    text = (designs_dir() / "slovakia.json").read_text("utf-8")
    design = folder / "mine.json"
    design.write_text(data.draw(spoiled(text)), "utf-8", errors="replace")
    said = refusal(lambda: load_design(str(design)))
    assert not said or "mine.json" in said
    config = folder / "c.json"
    text = data.draw(spoiled('{"light.kind": {"choice": {"sun": 1}}}'))
    config.write_text(text, "utf-8", "replace")
    said = refusal(lambda: read_overrides(config))
    assert not said or "c.json" in said


@pytest.mark.parametrize("value", [{"": []}, [[]], [[0, 1, 2], [1, 2, 3]], [[0], [1]]])
def test_quantiles_are_pairs(tmp_path: Path, value: object) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"view.yaw_deg": {"quantiles": value}}), "utf-8")
    assert "position and a value" in attempt(path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"view.yaw_deg": 1e999}'])
def test_nesting_and_numbers_without_end(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    assert attempt(path)
    with pytest.raises(AnprgenError, match=r"c\.json"):
        load_design(str(path))
