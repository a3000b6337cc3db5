"""SymbolEncoder: two functions of a subclass make an encoder that keeps the laws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import DataError, SeqgenError, SymbolEncoder, UnknownSymbol


@final
class Words(SymbolEncoder[tuple[str, ...]]):
    """Words as they are."""

    def symbols(self, item: tuple[str, ...]) -> Sequence[str]:
        return item

    def item(self, symbols: Sequence[str]) -> tuple[str, ...]:
        return tuple(symbols)


words = st.lists(st.lists(st.text(max_size=3), min_size=1).map(tuple), min_size=1)


@given(words)
def test_round_trip_also_through_json(items: list[tuple[str, ...]]) -> None:
    encoder = Words().fit(items)
    again = Words.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again.fingerprint() == encoder.fingerprint()
    for item in items:
        assert again.decode(encoder.encode(item).tokens.tolist()) == item
        assert encoder.encode(item).tokens.dtype == "int32"


def test_fit_leaves_the_encoder_as_it_was() -> None:
    fresh = Words()
    fresh.fit([("a",)])
    with pytest.raises(SeqgenError, match="not fitted"):
        _ = fresh.vocabulary


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(UnknownSymbol, match="unknown symbol 'bb'; nearest known: 'b'"):
        Words().fit([("a", "b")]).encode(("bb",))
    with pytest.raises(DataError, match="no symbols"):
        Words().fit([])
