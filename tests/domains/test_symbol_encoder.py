"""SymbolEncoder: two functions of a subclass make an encoder that keeps the laws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar, final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import DataError, RegexEncoder, SeqgenError, SymbolEncoder, UnknownSymbol


@final
class Words(SymbolEncoder[tuple[str, ...]]):
    """Words as they are."""

    def symbols(self, item: tuple[str, ...]) -> Sequence[str]:
        return item

    def item(self, symbols: Sequence[str]) -> tuple[str, ...]:
        return tuple(symbols)


@final
class Signs(RegexEncoder):
    """Words of letters and numbers with a dash between them; X is always known."""

    pattern, between = r"[a-zA-Z]+|\d+", "-"
    always: ClassVar[Sequence[str]] = ("X",)


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


def test_errors_name_the_symbol() -> None:
    with pytest.raises(UnknownSymbol, match="unknown symbol 'bb'; nearest known: 'b'"):
        Words().fit([("a", "b")]).encode(("bb",))
    with pytest.raises(DataError, match="no symbols"):
        Words().fit([])


def test_a_pattern_splits_text_and_refuses_what_it_does_not_match() -> None:
    encoder = Signs().fit(["ab-12", "ab"])
    assert encoder.vocabulary.symbols == ("12", "X", "ab")
    assert encoder.decode(encoder.encode("12-ab-X").tokens.tolist()) == "12-ab-X"
    assert encoder.prompt("X-ab") == [1, 2] and encoder.prompt("") == []
    for text, column in (("ab--12", 4), ("ab-", 3), ("ab12", 3), ("é", 1), ("ab\0", 3)):
        with pytest.raises(DataError, match=f"of Signs; no match from column {column}:"):
            encoder.encode(text)
    with pytest.raises(UnknownSymbol, match="'12'"):
        Signs().fit(["ab"]).prompt("12")
    with pytest.raises(DataError, match="the vocabulary is empty"):
        Signs().fit([])


@final
class Drinks(SymbolEncoder[str]):
    """Amounts and drinks, with commas between them that are no symbols."""

    def symbols(self, item: str) -> Sequence[str]:
        return [symbol for part in item.split(", ") for symbol in part.split(" ", 1)]

    def item(self, symbols: Sequence[str]) -> str:
        pairs = [" ".join(symbols[at : at + 2]) for at in range(0, len(symbols), 2)]
        return ", ".join(pairs)


drinks = st.lists(
    st.tuples(st.sampled_from(["5", "60"]), st.sampled_from(["gin", "lime juice", "lime"])),
    min_size=1,
).map(lambda pairs: ", ".join(" ".join(pair) for pair in pairs))


@given(st.lists(drinks, min_size=1))
def test_the_text_of_an_item_is_a_prompt_of_its_tokens(items: list[str]) -> None:
    encoder = Drinks().fit(items)
    for item in items:
        assert encoder.prompt(item) == encoder.encode(item).tokens.tolist()


def test_a_prompt_that_is_no_item_is_split_at_spaces() -> None:
    encoder = Drinks().fit(["60 gin, 5 lime"])
    assert encoder.prompt("60 gin 5") == encoder.prompt("60 gin, 5")
    assert encoder.prompt("") == [] and Words().fit([("a", "b")]).prompt("b a") == [1, 0]
    with pytest.raises(UnknownSymbol, match=r"unknown symbol 'lim'.*'60 gin, 5 lim' was split"):
        encoder.prompt("60 gin, 5 lim")
    with pytest.raises(UnknownSymbol, match=r"'c'; nearest known: .*; separate symbols by spaces"):
        Words().fit([("a", "b")]).prompt("a c")
