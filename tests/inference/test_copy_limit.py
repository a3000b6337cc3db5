"""TrainingItems and max_copy: which items are compared with, and which items are rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqgen import Corpus, DataError, Domain, Evaluation, Passages, SeqgenError
from seqgen.errors import SettingError
from seqgen.inference.generation_config import Constraints, GenerationConfig
from seqgen.inference.item_generator import ItemGenerator
from seqgen.inference.receipt import Receipt
from seqgen.inference.training_items import CopyLimit, TrainingItems
from seqgen.models.model_file import TrainedModel
from seqgen.registry.installed_plugins import LoadedDomain

from ..helpers.fakes import model_by_hand, text_domain

WORDS = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")
PATH = Path("nowhere", "model.safetensors")


def passages(units: Sequence[int]) -> Passages:
    """Numbers as units; positions count from 1."""
    return Passages("steps", units, lambda position: f"step {position + 1}", 3)


def loaded(domain: Domain) -> LoadedDomain:
    return LoadedDomain(domain, "tests", "1")


def trained(domain: Domain) -> TrainedModel:
    """A model of ten short words, eight of which are training items."""
    return model_by_hand(loaded(domain), WORDS)


def training_items(domain: Domain, model: TrainedModel) -> TrainingItems:
    return TrainingItems.of_model(PATH, loaded(domain), model)


def generator(
    domain: Domain, model: TrainedModel, max_copy: int | None, **settings: Any
) -> ItemGenerator:
    """A generator with the limit ``max_copy``; without one if it is None."""
    config = GenerationConfig.build(domain, {"max_copy": max_copy, **settings})
    limit = None
    if max_copy is not None:
        limit = CopyLimit(domain, model.encoder, training_items(domain, model), max_copy)
    return ItemGenerator(domain, model, config, copy_limit=limit)


def test_the_training_items_are_recognized_by_their_hashes() -> None:
    domain = text_domain(WORDS)
    found = training_items(domain, trained(domain))
    assert len(found.items) == 8 and set(found.items) < set(WORDS)
    assert found.name == "the data of tests"


def test_other_data_is_refused() -> None:
    model = trained(text_domain(WORDS))
    with pytest.raises(DataError, match=r"not found.* holds \d of its 8 training items"):
        training_items(text_domain(WORDS[:3]), model)


def test_items_over_the_limit_are_rejected() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    unlimited = list(generator(domain, model, None).items(range(200)))
    words = training_items(domain, model).items
    known = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
    wanted = [
        item.sample.index
        for item in unlimited
        if known.isdisjoint(item.text[at : at + 3] for at in range(len(item.text) - 2))
    ][:9]
    for batch_size in (1, 64):
        limited = generator(domain, model, 2, batch_size=batch_size)
        assert limited.rejects
        assert [item.sample.index for item in limited.first(9)] == wanted


def test_an_item_over_the_limit_is_reported_with_its_source() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    items = generator(domain, model, None).items(range(99))
    index = next(item.sample.index for item in items if item.text)
    with pytest.raises(SeqgenError, match=r"shares \d+ consecutive tokens with .*, more than 0"):
        list(generator(domain, model, 0).items([index]))


def test_a_limit_that_no_item_meets_names_the_remedy() -> None:
    domain = replace(
        text_domain(WORDS), evaluation=Evaluation(passages=lambda item: [passages([1])])
    )
    with pytest.raises(SeqgenError, match="raise --max-copy"):
        list(generator(domain, trained(domain), 0).first(1))


def test_a_domain_can_define_what_a_copy_is() -> None:
    """Each item has a unit of its own here, so that no item is a copy."""
    domain = replace(
        text_domain(WORDS),
        evaluation=Evaluation(passages=lambda item: [passages([int.from_bytes(item.encode())])]),
    )
    model = trained(domain)
    found = [item.text for item in generator(domain, model, 0).first(5)]
    assert not set(found) & set(training_items(domain, model).items)


def test_a_search_has_no_limit() -> None:
    domain = text_domain(WORDS)
    with pytest.raises(SettingError, match="--max-copy"):
        generator(domain, trained(domain), 1, sampler="beam")


def test_a_receipt_does_not_store_the_limit() -> None:
    assert Constraints(max_copy=3).for_receipt() == Constraints()
    assert "max_copy" not in Receipt.__slots__
    with pytest.raises(SettingError, match="max_copy must be >= 0, was -1"):
        Constraints(max_copy=-1)


def test_sources_are_named_if_the_domain_knows_them() -> None:
    corpus = Corpus(("abc",), sources=("letters.txt",))
    domain = replace(
        text_domain(WORDS),
        evaluation=Evaluation(passages=lambda item: [passages([*item.encode()])]),
    )
    meter = TrainingItems.of_corpus(corpus, "x").meters(domain, None)["steps"]
    assert meter.measure(passages([*b"xbc"])).there == "letters.txt, step 2"
    with pytest.raises(DataError, match="as many sources or none, was 2"):
        Corpus(("abc",), sources=("a", "b"))


def test_without_passages_or_a_model_nothing_can_be_compared() -> None:
    with pytest.raises(DataError, match=r"Domain\.evaluation\.passages"):
        TrainingItems.of_corpus(Corpus(("ab",)), "x").meters(text_domain(WORDS), None)
