"""Samples of a trained model: novelty, prompts, default lengths, files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen import CharEncoder, Domain, SeqgenError, UnknownSymbol
from seqgen.domains.encoder import hash_items, is_novel, item_hash
from seqgen.inference.generated_items import write_items
from seqgen.inference.item_generator import LENGTH_FACTOR, ItemGenerator
from seqgen.models.model_file import TrainedModel
from seqgen.registry.installed_plugins import LoadedDomain

from ..helpers.fakes import SpellingModel, dinos, model_by_hand, text_domain
from ..helpers.generators import item_generator

WORDS = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")


def trained(domain: Domain, seed: int = 0) -> TrainedModel:
    """A model by hand of ten short words."""
    return model_by_hand(LoadedDomain(domain, "tests", "1"), WORDS, seed)


def run(domain: Domain, model: TrainedModel, prompt: str = "", **settings: Any) -> ItemGenerator:
    """A generator of it."""
    return item_generator(domain, model, prompt=prompt, **settings)


def novel_run(domain: Domain, model: TrainedModel, **settings: Any) -> ItemGenerator:
    """A generator that rejects known items, as the model file holds no training items."""
    return run(domain, replace(model, training_arrays={}), novel=True, **settings)


def test_items_are_marked_by_the_training_data() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    hashes = set(model.training_hashes.tolist())
    training = {word for word in WORDS if item_hash(model.encoder.prompt(word)) in hashes}
    assert len(training) == 8, "of ten words one is held out and one decides when to stop"
    items = list(run(domain, model).items(range(200)))
    assert {item.novel for item in items} == {True, False}
    for item in items:
        assert item.text == item.sample.item
        assert item.novel == (item.text not in training)


def test_novel_items_are_the_novel_ones_among_all() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    wanted = [item for item in run(domain, model).items(range(200)) if item.novel][:7]
    for batch_size in (1, 5, 64):
        found = list(novel_run(domain, model, batch_size=batch_size).first(7))
        assert [item.sample.index for item in found] == [item.sample.index for item in wanted]
        assert all(item.novel for item in found)


def test_a_model_that_repeats_its_data() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    word = next(
        word for word in WORDS if not is_novel(model.encoder.prompt(word), model.training_hashes)
    )
    speller = SpellingModel(model.encoder.prompt(word), model.encoder.vocabulary.size)
    parrot = replace(model, networks=(speller,))  # type: ignore[arg-type]
    with pytest.raises(SeqgenError, match=r"only 0 of 600 items .* 3 were requested"):
        list(novel_run(domain, parrot).first(3))
    with pytest.raises(
        SeqgenError, match="sample 5 violates the constraints: it is in the training"
    ):
        list(novel_run(domain, parrot).items([5]))
    assert next(iter(run(domain, parrot).items([5]))).text == word


def test_the_default_length_follows_the_data() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    endless = SpellingModel([0] * 100, model.encoder.vocabulary.size)
    (item,) = run(domain, replace(model, networks=(endless,))).items([0])  # type: ignore[arg-type]
    assert len(item.text) == LENGTH_FACTOR * 3
    assert item.sample.finish_reason == "length"


def test_a_prompt_begins_every_item() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    assert all(item.text.startswith("bb") for item in run(domain, model, "bb").items(range(20)))
    with pytest.raises(UnknownSymbol, match="unknown symbol 'x'"):
        run(domain, model, "bx")


@dataclass(frozen=True)
class Chart:
    """Prompt options with a value for the whole item."""

    title: str = "blues"


def test_condition_guide_and_decode_get_the_options() -> None:
    seen: list[Any] = []

    class Listening:
        """An encoder that records the condition of decode."""

        def __init__(self, inner: CharEncoder) -> None:
            self.vocabulary, self.prompt = inner.vocabulary, inner.prompt
            self.token_groups = inner.token_groups

        def decode(self, tokens: Sequence[int], condition: Any = None) -> str:
            seen.append(condition)
            return "x"

    def guide(encoder: Any, options: Chart, condition: Any) -> Any:
        seen.append((options, condition))
        return dinos().domain.guide(encoder, _wishes(), None)  # type: ignore[misc]

    plain = text_domain(WORDS)
    model = trained(plain)
    domain = replace(
        plain,
        generation_options=Chart,
        condition=lambda options: options.title.upper(),
        guide=guide,
    )
    listening = replace(model, encoder=Listening(model.encoder))  # type: ignore[arg-type]
    (item,) = item_generator(domain, listening, Chart()).items([0])
    assert seen == [(Chart(), "BLUES"), "BLUES"]
    assert item.text == "x"


def _wishes() -> Any:
    return dinos().domain.generation_options(starts_with="ab", max_length=4)


def test_files_are_written_in_order(tmp_path: Path) -> None:
    def write(items: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
        path = folder / "words.txt"
        path.write_text(" ".join(items))
        return [path]

    domain = text_domain(WORDS, write=write)
    items = list(run(domain, trained(domain)).items(range(4)))
    files = write_items(domain, items, tmp_path)
    assert files == [tmp_path / "samples.jsonl", tmp_path / "words.txt"]
    lines = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert [line["index"] for line in lines] == [0, 1, 2, 3]
    assert lines == [item.to_dict() for item in items]
    assert files[1].read_text().split(" ") == [item.text for item in items]


def test_hashes_distinguish_sequences() -> None:
    sequences = [(), (0,), (0, 0), (1, 2, 3), (3, 2, 1)]
    hashes = hash_items([*sequences, (0,)])
    assert hashes.dtype == np.uint64 and len(hashes) == len(sequences), "each once"
    assert (np.diff(hashes.astype(object)) > 0).all(), "ascending"
    assert not any(is_novel(sequence, hashes) for sequence in sequences)
    assert all(is_novel(other, hashes) for other in [(1,), (2, 1, 3), (0, 0, 0)])
    assert is_novel((1,), np.empty(0, np.uint64))
    assert item_hash([7, 8]) == item_hash(np.array([7, 8], np.int32)) < 2**64
    # In every model file: it may never change.
    assert item_hash([1, 2, 3]) == 11402386789778234582
