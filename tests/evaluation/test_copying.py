"""The copy meter and --max-copy: what is shared, where it is from, and what is thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Corpus, DataError, Domain, Evaluation, Passages, SeqgenError
from seqgen.domains.domain import NoOptions
from seqgen.errors import SettingError
from seqgen.evaluation.copying import COPIED, CopyMeter, copied_in_words
from seqgen.evaluation.suffix_automaton import CopiedRuns
from seqgen.generation.config import SamplingConfig
from seqgen.inference.constraints import Demands
from seqgen.inference.copy_limit import CopyLimit
from seqgen.inference.item_generator import SampleRun
from seqgen.inference.receipt import Receipt
from seqgen.models.model_file import TrainedModel
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.open_run import Material, training_material

from ..helpers.fakes import model_by_hand, text_domain

WORDS = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")
PATH = Path("nowhere", "model.safetensors")
UNITS = st.lists(st.integers(0, 2), max_size=12)


def passages(units: Sequence[int]) -> Passages:
    """A row of numbers, places counted from 1."""
    return Passages("steps", units, lambda place: f"step {place + 1}", 3)


@given(UNITS, st.lists(UNITS, max_size=4))
def test_every_match_is_the_longest_run_that_ends_there(
    item: list[int], others: list[list[int]]
) -> None:
    found = list(CopiedRuns(others).matches(item))
    assert len(found) == len(item)
    for end, match in enumerate(found):
        run = item[end - match.run + 1 : end + 1]
        if match.run:
            assert others[match.item][match.end - match.run + 1 : match.end + 1] == run
        if end >= match.run:
            longer = item[end - match.run : end + 1]
            cuts = [o[at : at + len(longer)] for o in others for at in range(len(o))]
            assert longer not in cuts


def test_the_meter_tells_how_much_and_where_from() -> None:
    tune = list(range(20))
    meter = CopyMeter(["a.txt", "b.txt"], [passages([5, 5, 5]), passages(tune)])
    found = meter.measure(passages([90, 91, *tune[3:13], 92, 93, 7, 8]))
    assert (found.longest, found.units) == (10, 16)
    assert (found.here, found.there) == ("step 3", "b.txt, step 4")
    assert found.share == 10 / 16, "two units in a row are no copied run"
    assert found.unusual and meter.longest(passages([5, 5])) == 2
    assert "10 in a row (real ones: up to 3 in 95 %), step 3 like b.txt, step 4" in copied_in_words(
        found
    )


def test_a_run_counts_as_copied_from_its_least_length_on() -> None:
    meter = CopyMeter([""], [passages(range(COPIED))])
    assert meter.measure(passages(range(COPIED))).share == 1
    assert meter.measure(passages(range(COPIED - 1))).share == 0


def test_nothing_shared_is_told_as_nothing() -> None:
    found = CopyMeter(["x"], [passages([1])]).measure(passages([2, 3]))
    assert (found.longest, found.here, found.there) == (0, "", "")
    assert "nothing shared" in copied_in_words(found)
    assert CopyMeter([], []).measure(passages([])).share == 0


def loaded(domain: Domain) -> LoadedDomain:
    return LoadedDomain(domain, "tests", "1")


def trained(domain: Domain) -> TrainedModel:
    """A model by hand of ten short words, eight of which it was trained on."""
    return model_by_hand(loaded(domain), WORDS)


def run(domain: Domain, model: TrainedModel, most: int | None, **settings: Any) -> SampleRun:
    """A run under a limit."""
    demands = Demands(max_copy=most)
    copies = CopyLimit.wanted(demands, PATH, loaded(domain), model)
    config = SamplingConfig(**settings)
    return SampleRun(domain, model, config, NoOptions(), demands=demands, copies=copies)


def test_the_training_material_is_known_by_its_hashes() -> None:
    domain = text_domain(WORDS)
    material = training_material(PATH, loaded(domain), trained(domain))
    assert len(material.items) == 8 and set(material.items) < set(WORDS)
    assert material.name == "the data of tests"


def test_other_data_is_not_taken_for_the_training_material() -> None:
    model = trained(text_domain(WORDS))
    other = loaded(text_domain(WORDS[:3]))
    with pytest.raises(DataError, match=r"not at hand.* holds \d of its 8 training items"):
        training_material(PATH, other, model)


def test_items_over_the_limit_are_thrown_away() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    plain = list(run(domain, model, None).items(range(200)))
    material = training_material(PATH, loaded(domain), model).items
    known = {word[at : at + 3] for word in material for at in range(len(word) - 2)}
    wanted = [
        item.sample.index
        for item in plain
        if known.isdisjoint(item.text[at : at + 3] for at in range(len(item.text) - 2))
    ][:9]
    for batch_size in (1, 64):
        limited = run(domain, model, 2, batch_size=batch_size)
        assert limited.rejects
        assert [item.sample.index for item in limited.first(9)] == wanted


def test_one_item_over_the_limit_is_told_with_its_source() -> None:
    domain = text_domain(WORDS)
    model = trained(domain)
    index = next(i.sample.index for i in run(domain, model, None).items(range(99)) if i.text)
    with pytest.raises(SeqgenError, match=r"it shares \d+ tokens in a row with .*, more than 0"):
        list(run(domain, model, 0).items([index]))


def test_a_limit_that_nothing_keeps_names_the_way_out() -> None:
    domain = replace(
        text_domain(WORDS), evaluation=Evaluation(passages=lambda item: [passages([1])])
    )
    with pytest.raises(SeqgenError, match="raise --max-copy"):
        list(run(domain, trained(domain), 0).first(1))


def test_a_domain_may_say_what_a_copy_is() -> None:
    """Every item has another unit here, so that nothing is a copy."""
    domain = replace(
        text_domain(WORDS),
        evaluation=Evaluation(passages=lambda item: [passages([int.from_bytes(item.encode())])]),
    )
    model = trained(domain)
    found = [item.text for item in run(domain, model, 0).first(5)]
    material = training_material(PATH, loaded(domain), model).items
    assert not set(found) & set(material)


def test_a_search_has_no_limit() -> None:
    domain = text_domain(WORDS)
    with pytest.raises(SettingError, match="--max-copy draws items one by one"):
        run(domain, trained(domain), 1, sampler="beam")


def test_a_receipt_does_not_hold_the_limit() -> None:
    assert Demands(max_copy=3).kept() == Demands()
    assert "max_copy" not in Receipt.__slots__
    with pytest.raises(SettingError, match="max_copy must be >= 0, was -1"):
        Demands(max_copy=-1)


def test_sources_are_named_where_the_domain_knows_them() -> None:
    corpus = Corpus(("abc",), sources=("letters.txt",))
    domain = replace(
        text_domain(WORDS),
        evaluation=Evaluation(passages=lambda item: [passages([*item.encode()])]),
    )
    meter = Material.of_corpus(corpus, "x").meters(domain, None)["steps"]
    assert meter.measure(passages([*b"xbc"])).there == "letters.txt, step 2"
    with pytest.raises(DataError, match="as many sources or none, was 2"):
        Corpus(("abc",), sources=("a", "b"))


def test_without_passages_or_a_model_there_is_nothing_to_compare() -> None:
    with pytest.raises(DataError, match=r"Domain\.evaluation\.passages"):
        Material.of_corpus(Corpus(("ab",)), "x").meters(text_domain(WORDS), None)
