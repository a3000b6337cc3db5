"""A command loads a domain once, reads a manifest once and parses a chart once."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from seqgen_jazz.charts.chart_parser import parse_chart

from seqgen.models.model_file import read_manifest
from seqgen.registry.installed_plugins import load_plugin

from ..conftest import Run

COUNTED = {"domain": load_plugin, "manifest": read_manifest, "chart": parse_chart}


@contextmanager
def count_calls() -> Iterator[Counter[str]]:
    """Count the calls of the functions in ``COUNTED``."""
    names = {function.__code__: name for name, function in COUNTED.items()}
    counts = Counter[str]()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        code: CodeType = frame.f_code
        if event == "call" and code in names:
            counts[names[code]] += 1

    sys.setprofile(profile)
    try:
        yield counts
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize(
    ("command", "chart"),
    [
        (("generate", "dinos", "-n", 2, "--novel"), 0),
        (("generate", "dinos", "-n", 2, "--max-copy", 9), 0),
        (("generate", "jazz", "-n", 1, "--chart", "Dm7 | G7"), 1),
        (("run", "dinos", "--generate", "-n", 2), 0),
        (("run", "jazz", "--generate", "-n", 2, "--chart", "Dm7 | G7"), 1),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_everything_is_loaded_once(
    seqgen: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[object, ...],
    chart: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    with count_calls() as counts:
        answer = seqgen(*command)
    assert answer.code == 0, answer.err
    assert counts == Counter(domain=1, manifest=1, chart=chart)
