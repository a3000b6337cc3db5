"""The n-gram: distributions by hand, against a slow reference, and against other baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.evaluation.baselines import ORDERS, fit_ngram, measure_baselines
from seqgen.models.ngram import NGram, count_ngrams, counts_from_arrays, counts_to_arrays
from seqgen.models.sequence_model import ModelShape

from ..helpers.fakes import dino_names, letters

#: Ids 0 and 1 are letters, 2 is the end, 3 the start.
A, B, END, START = range(4)
SHAPE = ModelShape(3)
BY_HAND = [[A, B], [A, B], [B]]
ITEMS = st.lists(st.lists(st.integers(0, 1), max_size=6), min_size=1, max_size=12)


def fitted(order: int, items: Sequence[Sequence[int]]) -> NGram:
    """The n-gram of some items."""
    return NGram(order, SHAPE, count_ngrams(order, SHAPE, items))


def probabilities(model: NGram, read: Sequence[int]) -> NDArray[np.float64]:
    """The distribution ``(V,)`` after reading some ids, the start token first."""
    result: NDArray[np.float64] = np.exp(model.forward(np.array([read]), None)[0, -1])
    return result


def slow_probability(
    order: int, items: Sequence[Sequence[int]], read: Sequence[int], token: int
) -> float:
    """Modified Kneser-Ney from its definition, every count recomputed from the items."""
    padded = [(START, *item, END) for item in items]
    tokens = (A, B, END)

    @cache
    def count(history: tuple[int, ...], token: int) -> int:
        gram, before = (*history, token), []
        for row in padded:
            for at in range(len(row) - len(gram) + 1):
                if row[at : at + len(gram)] == gram:
                    before.append(row[at - 1] if at else None)
        raw = len(history) == order - 1 or history[:1] == (START,)
        return len(before) if raw else len(set(before) - {None})

    @cache
    def discount(length: int, value: int) -> float:
        histories = {row[at : at + length] for row in padded for at in range(len(row))}
        kept = [h for h in histories if len(h) == length and END not in h]
        values = [count(h, w) for h in kept for w in tokens]
        one, two, three, four = (values.count(k) for k in (1, 2, 3, 4))
        if not (one and two and three and four):
            return 0.5
        share = one / (one + 2 * two)
        wanted = {
            1: 1 - 2 * share * two / one,
            2: 2 - 3 * share * three / two,
            3: 3 - 4 * share * four / three,
        }[min(value, 3)]
        return min(max(wanted, 0.1), min(value, 3) - 0.1)

    def probability(history: tuple[int, ...], token: int) -> float:
        below = probability(history[1:], token) if history else 1 / 3
        counts = {w: count(history, w) for w in tokens if count(history, w)}
        if not counts:
            return below
        total = sum(counts.values())
        taken = {w: c - discount(len(history), c) for w, c in counts.items()}
        left = 1 - sum(taken.values()) / total
        return taken.get(token, 0.0) / total + left * below

    history = tuple(read)[-(order - 1) :] if order > 1 else ()
    return probability(history, token)


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        # Below: a and the end follow 1 different token, b follows 2; half is taken off each.
        # P(a) = .5/4 + 1.5/4 * 1/3 = 1/4, P(b) = 1.5/4 + 1/8 = 1/2, P(end) = 1/4.
        # After a: b twice, so (2 - .5)/2 + .25 P(b), and a quarter of the rest below.
        ([START, A], [1 / 16, 7 / 8, 1 / 16]),
        # At the start: a twice, b once of three; 1/3 is left for the order below.
        ([START], [1.5 / 3 + 1 / 12, 0.5 / 3 + 1 / 6, 1 / 12]),
        # After b: the end three times.
        ([START, B], [0.5 / 3 / 4, 0.5 / 3 / 2, 2.5 / 3 + 0.5 / 3 / 4]),
    ],
)
def test_a_bigram_by_hand(read: list[int], wanted: list[float]) -> None:
    np.testing.assert_allclose(probabilities(fitted(2, BY_HAND), read), wanted, atol=1e-6)


def test_a_unigram_by_hand() -> None:
    # Counts 2, 3, 3 of 8; 1.5/8 in all is taken off and shared out evenly.
    wanted = [1.5 / 8 + 0.5 / 8, 2.5 / 8 + 0.5 / 8, 2.5 / 8 + 0.5 / 8]
    for read in ([START], [START, A], [START, B, B, A]):
        np.testing.assert_allclose(probabilities(fitted(1, BY_HAND), read), wanted, atol=1e-6)


def test_discounts_follow_the_counts_of_counts() -> None:
    # Unigram counts: a 1, b 2, end 3 with three items, so n1 = n2 = n3 = 1 and n4 = 0: halves.
    halves = probabilities(fitted(1, [[A, B, B], [], []]), [START])
    np.testing.assert_allclose(halves, np.array([1.0, 2.0, 3.0]) / 6, atol=1e-6)
    # Four letters of 1 to 4 and one end: n1 = 2, n2 = n3 = n4 = 1, so Y = 2 / (2 + 2) = 1/2,
    # D1 = 1 - 2Y/2 = 1/2, D2 = 2 - 3Y = 1/2, D3 = 3 - 4Y = 1; 3.5 of 11 are taken off.
    shape = ModelShape(5)
    model = NGram(1, shape, count_ngrams(1, shape, [[0, 1, 1, 2, 2, 2, 3, 3, 3, 3]]))
    wanted = np.array([0.5, 1.5, 2.0, 3.0, 0.5]) / 11 + 3.5 / 11 / 5
    np.testing.assert_allclose(probabilities(model, [5]), wanted, atol=1e-6)


#: From order 3 on these have counts of one to four, so that discounts are estimated.
MANY = [[int(c) for c in f"{62 * n * n % 1021:b}"] for n in range(1, 8)]


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_many_items_against_the_definition(order: int) -> None:
    model = fitted(order, MANY)
    highest = Counter(c for counts in model.counts.values() for c in counts.values())
    assert all(highest[k] for k in (1, 2, 3, 4)) == (order > 2)
    for text in ([], [B], [A, B, A], [B, B, B, A, B], [B, A, A, A, A, A]):
        read = [START, *text]
        wanted = [slow_probability(order, MANY, read, token) for token in (A, B, END)]
        np.testing.assert_allclose(probabilities(model, read), wanted, atol=1e-5)


@given(ITEMS, st.integers(1, 4), st.lists(st.integers(0, 1), max_size=5))
def test_against_the_definition(items: list[list[int]], order: int, text: list[int]) -> None:
    model = fitted(order, items)
    found = probabilities(model, [START, *text])
    wanted = [slow_probability(order, items, [START, *text], token) for token in (A, B, END)]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@given(ITEMS, st.integers(1, 5), st.lists(st.integers(0, 1), max_size=8))
def test_every_distribution_sums_to_one_and_is_positive(
    items: list[list[int]], order: int, text: list[int]
) -> None:
    logits = fitted(order, items).forward(np.array([[START, *text]]), None)
    assert logits.dtype == np.float32 and np.isfinite(logits).all()
    np.testing.assert_allclose(np.exp(logits).sum(axis=-1), 1.0, atol=1e-5)


@given(ITEMS, st.integers(1, 5), st.integers(1, 5))
def test_a_lower_order_is_the_model_counted_at_that_order(
    items: list[list[int]], order: int, lower: int
) -> None:
    if lower > order:
        order, lower = lower, order
    found, wanted = fitted(order, items).of_order(lower), fitted(lower, items)
    assert found.counts == wanted.counts
    tokens = np.array([[START, A, B, B, A, A]])
    np.testing.assert_array_equal(found.forward(tokens, None), wanted.forward(tokens, None))


@given(ITEMS, st.integers(1, 5))
def test_counts_are_restored_from_arrays(items: list[list[int]], order: int) -> None:
    counts = count_ngrams(order, SHAPE, items)
    arrays = counts_to_arrays(counts, order)
    assert arrays["ngram.rows"].shape == (len(arrays["ngram.counts"]), order)
    assert counts_from_arrays(arrays) == counts


def test_a_large_vocabulary_caches_few_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [[0, 1, 2, 0], [2, 1, 0], [1, 1, 2, 2, 0]]
    plain = fitted(3, items)
    monkeypatch.setattr("seqgen.models.ngram.CACHED_BYTES", 0)
    poor = fitted(3, items)
    read = [0, 1, 2, 0, 1, 1, 2, 2, 0]
    for n in range(1, len(read) + 1):
        np.testing.assert_array_equal(probabilities(poor, read[:n]), probabilities(plain, read[:n]))
    assert len(poor._cache) <= 3 < len(plain._cache)


def test_rows_of_a_batch_do_not_mix() -> None:
    model = fitted(3, BY_HAND)
    tokens = np.array([[START, A, B], [START, B, B]])
    together = model.forward(tokens, None)
    for row in range(2):
        np.testing.assert_array_equal(together[row], model.forward(tokens[row : row + 1], None)[0])
    _, state = model.step(tokens[:, 0], None, model.initial_state(2))
    _, state = model.step(tokens[:, 1], None, state)
    chosen, _ = model.step(tokens[[1], 2], None, model.select(state, np.array([1])))
    np.testing.assert_array_equal(chosen[0], together[1, 2])


def test_on_names_more_context_is_better() -> None:
    encoder = letters()
    names = [encoder.encode(name) for name in dino_names()]
    train, stopping, scored = names[:-40], names[-40:-20], names[-20:]
    model = fit_ngram(train, stopping, encoder.vocabulary)
    assert model.order in ORDERS
    found = measure_baselines(model, scored, encoder.vocabulary).to_json()
    assert found["ngram"] < found["unigram"] - 0.1 < found["uniform"] - 0.2
    assert found["uniform"] == pytest.approx(np.log(27))
    assert found["ngram_order"] == model.order
