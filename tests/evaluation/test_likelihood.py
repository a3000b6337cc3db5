"""Likelihood: equal to a slow reference for any batch size, with intervals."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen import Corpus, DataError, Encoded
from seqgen.domains.domain import SkippedItem
from seqgen.evaluation import likelihood as module
from seqgen.evaluation.describe_scores import describe_difference
from seqgen.evaluation.likelihood import Likelihood, likelihood, token_nats
from seqgen.models.sequence_model import log_softmax
from seqgen.runs.dataset import encode_known, group_items

from ..helpers.fakes import SpellingModel, letters, random_model

ENCODER = letters("abcdef")
VOCABULARY = ENCODER.vocabulary
MODEL = random_model(VOCABULARY.size, seed=1, layers=2)
WITH_CONTEXT = random_model(VOCABULARY.size, seed=2, context=(5,))
TEXTS = st.lists(st.text("abcdef", max_size=9), min_size=1, max_size=12)


def slow(item: Encoded) -> NDArray[np.float64]:
    """The nats of one item's tokens, each from the full sequence before it."""
    model = MODEL if item.context is None else WITH_CONTEXT
    targets = [*item.tokens.tolist(), VOCABULARY.end]
    inputs = np.array([[VOCABULARY.start, *item.tokens]])
    context = None if item.context is None else item.context[None]
    logp = log_softmax(model.forward(inputs, context)[0])
    return -logp[np.arange(len(targets)), targets]


def with_context(text: str) -> Encoded:
    """An item with a context column that cycles through 0 to 4."""
    return Encoded(
        ENCODER.encode(text).tokens, np.arange(len(text) + 1, dtype=np.int32)[:, None] % 5
    )


@given(TEXTS, st.booleans())
def test_nats_do_not_depend_on_the_other_items(texts: list[str], context: bool) -> None:
    items = [with_context(text) if context else ENCODER.encode(text) for text in texts]
    found = token_nats(WITH_CONTEXT if context else MODEL, items, VOCABULARY)
    assert len(found) == len(items)
    for item, figures in zip(items, found, strict=True):
        np.testing.assert_allclose(figures, slow(item), atol=1e-4)


def test_nats_do_not_depend_on_order_and_batch_size(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [ENCODER.encode("abcdef"[: n % 7] * (n % 4)) for n in range(30)]
    plain = token_nats(MODEL, items, VOCABULARY)
    order = list(range(30))
    Random(0).shuffle(order)
    monkeypatch.setattr(module, "BATCH_SIZE", 4)
    mixed = token_nats(MODEL, [items[k] for k in order], VOCABULARY)
    for place, index in enumerate(order):
        np.testing.assert_allclose(mixed[place], plain[index], atol=1e-5)


def test_the_micro_average_counts_the_end_token() -> None:
    items = [ENCODER.encode("ab"), ENCODER.encode("")]
    found = likelihood(MODEL, items, VOCABULARY)
    assert found.tokens.tolist() == [3, 1]
    assert found.per_token == pytest.approx((slow(items[0]).sum() + slow(items[1]).sum()) / 4)


def test_a_confident_model_has_a_loss_of_zero_or_a_high_one() -> None:
    speller = SpellingModel(ENCODER.prompt("cafe"), VOCABULARY.size)
    assert likelihood(speller, [ENCODER.encode("cafe")], VOCABULARY).per_token < 1e-6
    nats = token_nats(speller, [ENCODER.encode("cab")], VOCABULARY)[0]
    np.testing.assert_allclose(nats, [0, 0, 50, 50], atol=1e-4)


@given(
    st.lists(st.tuples(st.floats(0.1, 30), st.integers(1, 20)), min_size=2, max_size=40),
    st.integers(0, 9),
)
def test_the_interval_contains_the_percentiles(figures: list[tuple[float, int]], seed: int) -> None:
    nats, tokens = zip(*figures, strict=True)
    found = Likelihood(np.array(nats), np.array(tokens))
    rates = found.nats / found.tokens
    low, high = found.percentiles(seed, draws=200)
    assert rates.min() - 1e-9 <= low <= high <= rates.max() + 1e-9
    assert found.interval(seed, draws=200) == found.interval(seed, draws=200)
    widest = found.interval(seed, draws=200)
    assert widest[0] - 1e-9 <= min(low, found.per_token)
    assert widest[1] + 1e-9 >= max(high, found.per_token)


def test_the_interval_contains_the_estimate_and_shrinks_with_more_items() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for count in (50, 5000):
        tokens = rng.integers(5, 15, count)
        found = Likelihood(tokens * rng.normal(2.0, 0.5, count), tokens)
        low, high = found.interval(draws=500)
        assert low < found.per_token < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
    # The standard error of a mean: 1.96 * 0.5 / sqrt(5000) to each side.
    assert widths[1] == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(5000), rel=0.2)


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_the_interval_of_few_items_covers_the_mean(count: int) -> None:
    rng = np.random.default_rng(count)
    missed = narrow = 0
    for _ in range(400):
        found = Likelihood(rng.normal(0.0, 1.0, count), np.ones(count, np.int64))
        (low, high), (inner, outer) = found.interval(draws=150), found.percentiles(draws=150)
        missed += not low <= 0 <= high
        narrow += not inner <= 0 <= outer
    assert missed < 0.09 * 400, "one in twenty may miss the true mean of 0"
    assert narrow > missed, "the plain percentiles miss it more often"


def test_repeated_items_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    tokens = rng.integers(3, 12, 30)
    once = Likelihood(tokens * rng.normal(2.0, 0.5, 30), tokens)
    again = Likelihood(
        np.repeat(once.nats, 5), np.repeat(tokens, 5), np.repeat(np.arange(30) * 7, 5)
    )
    assert again.interval() == pytest.approx(once.interval())
    assert again.minus(again).groups is again.groups, "a comparison keeps the groups"
    low, high = replace(again, groups=None).interval()
    assert high - low < 0.6 * (once.interval()[1] - once.interval()[0])


def test_one_item_has_no_interval() -> None:
    for groups in (None, np.array([4, 4])):
        nats = np.ones(1 if groups is None else 2)
        found = Likelihood(nats, np.ones(len(nats), np.int64), groups)
        assert all(map(math.isnan, found.interval()))
        assert found.to_json() == {"nats_per_token": 1.0, "interval": [None, None]}
    assert describe_difference(found.to_json()).startswith(
        "No significant difference from the n-gram: +1.000"
    )


def test_groups_are_kept_if_an_item_is_skipped() -> None:
    """Without groups, takes of one tune would count as independent items."""
    corpus = Corpus(("abc", "bXc", "dab", "cab", "bad"), groups=("one", "one", "two", "one", "two"))
    known, _ = encode_known(corpus, ENCODER)
    assert group_items(corpus, known).tolist() == [0, 1, 0, 1]


def test_items_that_cannot_be_encoded_are_reported() -> None:
    corpus = Corpus(("abc", "aXc", "", "dé"), skipped=(SkippedItem("x.mid", "no notes"),))
    encoded, skipped = encode_known(corpus, ENCODER)
    assert {place: len(item.tokens) for place, item in encoded.items()} == {0: 3, 2: 0}
    assert [entry.what for entry in skipped] == ["x.mid", "item 2", "item 4"]
    assert "unknown symbol 'X'" in skipped[1].why
    with pytest.raises(DataError, match=r"no item fits this model.*unknown symbol"):
        encode_known(Corpus(("XY",)), ENCODER)
