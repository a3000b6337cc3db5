"""What training says where a domain's augment gives what cannot be trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from seqgen.errors import PluginError
from seqgen.training.batches import Augmentation, Batches

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
    made = Augmentation(augment, ENCODER.encode, "domain 'codes'", 0)
    return [encoded.tokens.tolist() for encoded in made.encoded(items, 0)]


@pytest.mark.parametrize(
    ("augment", "gave", "why"),
    [
        (lambda text, rng: text + "?", "gave 'abd?' (str)", "unknown symbol '?'"),
        (lambda text, rng: 7, "gave 7 (int)", "TypeError: "),
        (lambda text, rng: None, "gave None (NoneType)", "TypeError: "),
        (lambda text, rng: "", "gave '' (str)", "which is empty"),
        (raises, "raised KeyError: 'no key'", "(test_augmentation.py, line 45)"),
    ],
    ids=["unknown symbol", "wrong type", "nothing", "empty", "raises"],
)
def test_a_fault_names_domain_hook_item_and_what_to_do(
    augment: Callable[[Any, Random], Any], gave: str, why: str
) -> None:
    with pytest.raises(PluginError) as told:
        versions(augment, ["abd"])
    message = str(told.value)
    assert message.startswith("augment() of domain 'codes', called with the training item 'abd'")
    assert gave in message and why in message
    assert "over the symbols of the corpus" in message
    assert "seqgen check DOMAIN --only augment" in message


def test_an_item_that_was_empty_may_stay_empty() -> None:
    assert versions(lambda text, rng: text, ["", "ab"]) == [[], [0, 1]]


def test_a_fault_is_told_for_the_epoch_in_which_it_comes() -> None:
    """Chance may spare the first epochs: each is looked at when it is made."""

    def augment(text: str, rng: Random) -> str:
        return text + ("z" if rng.random() < 0.02 else "")

    made = Batches(
        ["ab", "cd"],
        ENCODER.encode,
        ENCODER.vocabulary,
        batch_size=4,
        window=9,
        seed=0,
        augment=augment,
    )
    spared = [
        epoch
        for epoch in range(200)
        if all(Random(f"0/{epoch}/{place}").random() >= 0.02 for place in range(2))
    ]
    assert 100 < len(spared) < 200
    for epoch in range(200):
        if epoch in spared:
            assert len(list(made.epoch(epoch))) == made.steps
        else:
            with pytest.raises(PluginError, match="unknown symbol 'z'"):
                list(made.epoch(epoch))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('item + ("ß" if item < "b" else "")', "unknown symbol 'ß'"),
        ("item[:0]", "which is empty"),
        ("item.append(rng)", "AttributeError: 'str' object has no attribute 'append' (codes.py, "),
    ],
)
def test_training_ends_in_one_line(seqgen: Run, tmp_path: Path, change: str, says: str) -> None:
    path = tmp_path / "codes.py"
    path.write_text(DOMAIN.replace("{change}", change), encoding="utf-8")
    answer = seqgen("train", path, "--epochs", 2, "--units", 8, "--out", tmp_path / "run")
    assert answer.code == 1
    last = answer.err.splitlines()[-1]
    assert last.startswith("Error: augment() of domain 'codes' (codes.py), called with"), answer.err
    assert says in last
    assert "Traceback" not in answer.err and "tensorflow" not in answer.err.lower()
