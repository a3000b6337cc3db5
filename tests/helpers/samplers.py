"""The components of examples/mirostat, which is not installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/mirostat/seqgen_mirostat/__init__.py"


def _example() -> Any:
    spec = importlib.util.spec_from_file_location("example_mirostat", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look it up
    spec.loader.exec_module(module)
    return module


MIROSTAT = _example()
