"""Receipts: JSON and back exactly, and never trusted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import SeqgenError
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import Constraints, GenerationConfig
from seqgen.inference.receipt import Origin, Receipt, hash_file, hash_tokens
from seqgen.models.model_file import save_model

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos, model_by_hand, text_domain
from ..helpers.receipts import Replay, with_tokens

TEXTS = st.text(max_size=12)
NAMES = TEXTS.filter(str.isprintable)
RECEIPTS = st.builds(
    Receipt,
    origin=st.builds(Origin, NAMES, NAMES, NAMES, NAMES, NAMES, NAMES),
    settings=st.builds(
        SamplingConfig,
        temperature=st.floats(0.001, 100.0),
        top_k=st.integers(0, 99),
        ban=TEXTS,
        max_tokens=st.none() | st.integers(5, 99),
        seed=st.integers(0, 2**63 - 1),
    ),
    options=st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers() | TEXTS),
    prompt=TEXTS,
    constraints=st.builds(Constraints, match=TEXTS, novel=st.booleans(), unbiased=st.booleans()),
    index=st.integers(0, 2**63 - 1),
    tokens=st.lists(st.integers(0, 500)).map(tuple),
)


@given(RECEIPTS)
def test_a_receipt_comes_back_from_json(receipt: Receipt) -> None:
    text = json.dumps(receipt.to_dict(), ensure_ascii=False)
    assert Receipt.from_json(json.loads(text), "here") == receipt


def test_hashes_never_change() -> None:
    # Saved receipts contain them, and they can be checked without seqgen.
    assert hash_tokens([1, 20, 3]) == hashlib.sha256(b"1 20 3").hexdigest()
    assert hash_tokens([]) == hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Everything:
    """Options of every kind."""

    where: Path = Path("a")
    name: str = "b"
    bars: int | None = None
    tempo: float = 1.5
    swing: bool = False


def test_options_of_every_kind_come_back() -> None:
    domain = text_domain(["ab"], generation_options=Everything)

    def load(saved: dict[str, Any]) -> GenerationConfig:
        return GenerationConfig.from_receipt(domain, SamplingConfig(), Constraints(), saved, "")

    for options in (Everything(), Everything(Path("x/y"), "z", 3, 2.0, True)):
        config = GenerationConfig.build(domain, vars(options))
        assert config.options == options
        assert load(json.loads(json.dumps(config.options_to_json()))).options == options
    for wrong in ({"bars": "3"}, {"tempo": True}, {"where": 3}, {"colour": 1}):
        with pytest.raises(SeqgenError, match="the receipt's options: "):
            load(wrong)


def without(receipt: dict[str, Any], key: str) -> dict[str, Any]:
    """The receipt without a key."""
    return {name: value for name, value in receipt.items() if name != key}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda r: {**r, "code": "import os"}, "unknown key 'code'"),
        (lambda r: without(r, "prompt"), "'prompt' is missing"),
        (lambda r: without(r, "tokens_sha256"), "'tokens_sha256' is missing"),
        (lambda r: {**r, "format": 2}, "has format 2, this seqgen reads format 1"),
        (lambda r: {**r, "format": True}, "'format' must be a whole number"),
        (lambda r: {**r, "novel": 1}, "'novel' must be a boolean, was '1'"),
        (lambda r: {**r, "index": -1}, "index must be in 0..2**63-1, was -1"),
        (lambda r: {**r, "index": 2**63}, "index must be in 0..2**63-1"),
        (lambda r: {**r, "tokens": [0, 1]}, "do not match their hash, so it was changed"),
        (lambda r: with_tokens(r, [-1]), "tokens must be whole numbers from 0"),
        (lambda r: {**r, "model": {"path": "x"}}, "'sha256' is missing"),
        (lambda r: {**r, "model": {**r["model"], "path": 3}}, "'path' must be text"),
        (lambda r: {**r, "seqgen": "\x1b[2J"}, "'\\x1b[2J' has unprintable characters"),
        (
            lambda r: {**r, "model": {**r["model"], "path": "\ud800"}},
            "'\\ud800' has unprintable characters",
        ),
        (lambda r: {**r, "prompt": "\ud800"}, "unknown symbol '\\ud800'"),
        (lambda r: {**r, "settings": {"heat": 1}}, "unknown setting 'heat'"),
        (lambda r: {**r, "settings": {"temperature": "1"}}, "temperature must be float"),
        (lambda r: {**r, "settings": {"temperature": -1}}, "temperature must be >= 0.001"),
        (lambda r: {**r, "options": {"colour": "red"}}, "unknown setting 'colour'"),
        (lambda r: {**r, "options": {"max_length": "9"}}, "max_length must be int"),
        (lambda r: {**r, "options": {"max_length": 99}}, "max_length must be <= 40"),
        (lambda r: {**r, "match": "("}, "this ( is never closed"),
        (lambda r: {**r, "prompt": "Q"}, "unknown symbol 'Q'"),
        (lambda r: {**r, "domain": {**r["domain"], "name": "jazz"}}, "it was changed"),
        (lambda r: [r], "holds no receipt"),
        (lambda r: {"index": 2, "token": "a"}, "holds no receipt"),
        (lambda r: "", "not JSON"),
        (lambda r: "[" * 100_000, "not JSON"),
        (lambda r: '{"a": 1}\n{"a"', "not JSON"),
        (lambda r: f"{json.dumps(r)}\n{json.dumps(r)}", "2 matching receipts"),
    ],
)
def test_a_receipt_is_never_trusted(
    replay: Replay, receipt: dict[str, Any], spoil: Callable[[Any], Any], words: str
) -> None:
    answer = replay(spoil(receipt))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: ") and answer.err.count("\n") == 1
    assert words in answer.err


def test_no_code_of_a_receipt_or_a_model_file_is_run(
    replay: Replay, seqgen: Run, receipt: dict[str, Any], tmp_path: Path
) -> None:
    trap = tmp_path / "trap.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    assert replay({**receipt, "domain": {**receipt["domain"], "name": str(trap)}}).code == 1
    trained = model_by_hand(dinos(), dino_names())
    domain = {**trained.manifest["domain"], "name": str(trap)}
    path = tmp_path / "trap.safetensors"
    save_model(path, replace(trained, manifest={**trained.manifest, "domain": domain}))
    model = {"path": str(path), "sha256": hash_file(path)}
    answers = [replay({**receipt, "model": model}), seqgen("generate", path)]
    assert all(answer.code == 1 for answer in answers)
    assert all("that is no name of a domain" in answer.err for answer in answers)
    assert not (tmp_path / "sprung").exists()
