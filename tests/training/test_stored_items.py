"""Stored items: what is read is what was given, of the whole and of its parts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.training.token_dataset import StoredItems

VOCABULARY = Vocabulary(tuple("abcdef"))
TOKENS = st.lists(st.lists(st.integers(0, 5), max_size=9), min_size=1, max_size=12)


def entry(tokens: list[int], context: bool, condition: object) -> Encoded:
    rows = np.arange(2 * (len(tokens) + 1), dtype=np.int32).reshape(-1, 2) if context else None
    return Encoded(np.array(tokens, np.int32), rows, condition)


def same(one: Encoded, other: Encoded) -> bool:
    """Equal in every part, types of the arrays among them."""
    contexts = [part.context for part in (one, other)]
    return (
        np.array_equal(one.tokens, other.tokens)
        and one.tokens.dtype == other.tokens.dtype == np.int32
        and one.condition == other.condition
        and (None in contexts if contexts[0] is None else np.array_equal(*contexts))  # type: ignore[arg-type]
    )


@given(TOKENS, st.booleans(), st.data())
def test_items_are_read_as_they_were_given(
    tokens: list[list[int]], context: bool, data: st.DataObject
) -> None:
    conditions = data.draw(st.lists(st.sampled_from([None, "C7"]), min_size=12, max_size=12))
    given_items = [entry(t, context, c) for t, c in zip(tokens, conditions, strict=False)]
    stored = StoredItems(iter(given_items), VOCABULARY)
    assert len(stored) == len(given_items)
    assert all(same(one, other) for one, other in zip(stored, given_items, strict=True))
    assert stored.lengths.tolist() == [len(t) for t in tokens]
    assert [t.tolist() for t in stored.tokens] == tokens
    places = data.draw(st.lists(st.sampled_from(range(len(tokens)))))
    part = stored.part(places)
    assert all(same(one, given_items[k]) for one, k in zip(part, places, strict=True))
    assert part.lengths.tolist() == [len(tokens[k]) for k in places]
    assert [t.tolist() for t in part.tokens[1:4]] == [tokens[k] for k in places[1:4]]
    stored.release()
    assert all(same(one, other) for one, other in zip(stored, given_items, strict=True))
    inner = part.part(range(len(places))[::-1])
    assert [e.tokens.tolist() for e in inner] == [tokens[k] for k in reversed(places)]
