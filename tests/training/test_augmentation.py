"""Errors of a domain's augment: an item that cannot be encoded, an empty one, an exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from seqgen.errors import PluginError
from seqgen.training.seeded_batches import Augmentation, Batches

from ..conftest import Run
from ..helpers.fakes import letters

ENCODER = letters("abcd")
DOMAIN = """
from pathlib import Path

import seqgen

WORDS = [a + b + c for a in "abcdef" for b in "aeiou" for c in "bdfgkl"]


def augment(item, rng):
    return {change}


@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="codes",
        summary="Codes",
        corpus=lambda source, options: WORDS,
        encoder=seqgen.CharEncoder,
        augment=augment,
    )
"""


def raises(text: str, rng: Random) -> str:
    raise KeyError("no key")


def versions(augment: Callable[[Any, Random], Any], items: list[str]) -> list[list[int]]:
    """The tokens of the first epoch."""
    augmentation = Augmentation(augment, ENCODER.encode, "domain 'codes'", 0)
    return [encoded.tokens.tolist() for encoded in augmentation.encode_items(items, 0)]


@pytest.mark.parametrize(
    ("augment", "problem", "reason"),
    [
        (lambda text, rng: text + "?", "returned 'abd?' (str)", "unknown symbol '?'"),
        (lambda text, rng: 7, "returned 7 (int)", "TypeError: "),
        (lambda text, rng: None, "returned None (NoneType)", "TypeError: "),
        (lambda text, rng: "", "returned '' (str)", "which is empty"),
        (raises, "raised KeyError: 'no key'", f"line {raises.__code__.co_firstlineno + 1})"),
    ],
    ids=["unknown symbol", "wrong type", "nothing", "empty", "raises"],
)
def test_an_error_names_domain_hook_item_and_remedy(
    augment: Callable[[Any, Random], Any], problem: str, reason: str
) -> None:
    with pytest.raises(PluginError) as caught:
        versions(augment, ["abd"])
    message = str(caught.value)
    assert message.startswith("augment() of domain 'codes', called with the training item 'abd'")
    assert problem in message and reason in message
    assert "with symbols of the corpus" in message
    assert "seqgen check DOMAIN --only augment" in message


def test_an_empty_item_may_stay_empty() -> None:
    assert versions(lambda text, rng: text, ["", "ab"]) == [[], [0, 1]]


def test_an_error_is_raised_in_the_epoch_in_which_it_occurs() -> None:
    """An augmentation may fail in later epochs only, as it is random."""

    def augment(text: str, rng: Random) -> str:
        return text + ("z" if rng.random() < 0.02 else "")

    batches = Batches(
        ["ab", "cd"],
        ENCODER.encode,
        ENCODER.vocabulary,
        batch_size=4,
        window=9,
        seed=0,
        augment=augment,
    )
    valid = [
        epoch
        for epoch in range(200)
        if all(Random(f"0/{epoch}/{place}").random() >= 0.02 for place in range(2))
    ]
    assert 100 < len(valid) < 200
    for epoch in range(200):
        if epoch in valid:
            assert len(list(batches.stacks(epoch))) == batches.steps
        else:
            with pytest.raises(PluginError, match="unknown symbol 'z'"):
                list(batches.stacks(epoch))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('item + ("ß" if item < "b" else "")', "unknown symbol 'ß'"),
        ("item[:0]", "which is empty"),
        ("item.append(rng)", "AttributeError: 'str' object has no attribute 'append' (codes.py, "),
    ],
)
def test_training_ends_in_one_line(seqgen: Run, tmp_path: Path, change: str, message: str) -> None:
    path = tmp_path / "codes.py"
    path.write_text(DOMAIN.replace("{change}", change), encoding="utf-8")
    result = seqgen("train", path, "--epochs", 2, "--units", 8, "--out", tmp_path / "run")
    assert result.code == 1
    last = result.err.splitlines()[-1]
    assert last.startswith("Error: augment() of domain 'codes' (codes.py), called with"), result.err
    assert message in last
    assert "Traceback" not in result.err and "tensorflow" not in result.err.lower()
