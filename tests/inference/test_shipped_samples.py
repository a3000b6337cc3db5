"""The samples of the shipped models for a seed never change.

``shipped_samples.json`` was written by the first release candidate (commit cae5307): names as text,
solos as the first 16 digits of the SHA-256 of their text. It is never regenerated.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run

ROOT = Path(__file__).parents[2]
STORED = json.loads(Path(__file__).with_name("shipped_samples.json").read_text(encoding="utf-8"))


def _shown(domain: str, text: str) -> str:
    return text if domain == "dinos" else hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    "case", STORED, ids=lambda case: f"{case['domain']} {' '.join(case['arguments'])}"
)
def test_samples_of_the_shipped_models_never_change(case: dict[str, Any], seqgen: Run) -> None:
    name = case["domain"]
    model = ROOT / "plugins" / name / f"seqgen_{name}" / "data" / "model.safetensors"
    answer = seqgen("generate", model, *case["arguments"], "--json")
    assert answer.code == 0, answer.err
    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert [_shown(name, row["text"]) for row in rows] == case["items"]
    # Sums of float32 figures differ in the last digits between processors.
    assert [row["logp"] for row in rows] == pytest.approx(case["logp"], abs=2e-3)
