# SPDX-License-Identifier: Apache-2.0
"""A set's eval.py as a user starts it, and the presets of readers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

READERS = ["fast-plate-ocr", "lprnet-tao", "ocrnet-tao", "ppocrv5-rec", "parseq"]
#: So many crops are evaluated: no multiple of the batch.
LIMIT = 90

#: The interpreter that scores: EVAL_PYTHON names an old one, with an old numpy.
PYTHON = os.environ.get("EVAL_PYTHON", sys.executable)

#: Makes the set of a preset when it is asked for first.
SetOf = Callable[[str], Path]


def evaluate(folder: Path, *words: str | Path, code: int = 0, **environment: str) -> str:
    """Runs the set's eval.py; what it says, of a code other than 0 its complaint."""
    done = subprocess.run(
        [PYTHON, str(folder / "eval.py"), *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def numbers(folder: Path, tmp_path: Path, *words: str | Path) -> dict[str, Any]:
    """The numbers that the set's eval.py writes."""
    path = tmp_path / "numbers.json"
    evaluate(folder, *words, "--json", path)
    return json.loads(path.read_text("utf-8"))
