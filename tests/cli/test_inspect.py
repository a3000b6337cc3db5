"""seqgen inspect: how a domain describes data, and the recipe that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..conftest import Run

DOMAIN = """
import seqgen

def corpus(source, options):
    return source.read_text().split()

def inspect(path):
    words = path.read_text().split()
    return seqgen.Inspection((f"{len(words)} words",), {"words": len(words)}, "[words]\\n")

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="words", summary="Words", corpus=corpus, encoder=seqgen.CharEncoder, inspect=INSPECT
    )
"""


@pytest.fixture
def words(tmp_path: Path) -> Path:
    (tmp_path / "words.txt").write_text("one two three")
    (tmp_path / "inspected.py").write_text(DOMAIN.replace("INSPECT", "inspect"))
    (tmp_path / "plain.py").write_text(DOMAIN.replace("INSPECT", "None"))
    return tmp_path


def test_a_domain_describes_data_and_writes_a_recipe(seqgen: Run, words: Path) -> None:
    data, recipe = words / "words.txt", words / "recipe.toml"
    command = ("inspect", data, "--domain", words / "inspected.py")
    answer = seqgen(*command, "--recipe", recipe)
    assert answer.code == 0 and "3 words" in answer.out
    assert recipe.read_text() == "[words]\n"
    again = seqgen(*command, "--recipe", recipe)
    assert again.code != 0 and "exists and may be edited" in again.err
    facts = json.loads(seqgen(*command, "--json").out)
    assert facts["inspection"] == {"words": 3} and facts["data_card"]["items"] == 3


def test_a_domain_without_an_inspection_has_only_the_data_card(seqgen: Run, words: Path) -> None:
    plain = ("inspect", words / "words.txt", "--domain", words / "plain.py")
    assert "inspection" not in json.loads(seqgen(*plain, "--json").out)
    refused = seqgen(*plain, "--recipe", words / "recipe.toml")
    assert refused.code != 0 and "has no recipe" in refused.err
