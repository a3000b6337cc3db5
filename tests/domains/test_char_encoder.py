"""Law 1 for CharEncoder: any text comes back exactly, in every process, and errors help."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqgen import CharEncoder, DataError, SeqgenError, UnknownSymbol, Vocabulary

from ..conftest import Run

#: Any Unicode text; a lone surrogate is half a character and no text.
TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=6
).filter(any)
TRICKY = [
    "\U0001f995\U0001f996",  # outside the basic plane
    "e\u0301 \u00e9",  # composed and decomposed stay different
    "\u05d0\u05d1\u202e\u0627",  # right to left, with an override
    "\u200d\u200b\ufeff",  # joiners and a byte order mark within
    "a\tb\nc\r\n\u2028",  # line ends of all kinds
]


@given(TEXTS)
@example(TRICKY)
def test_any_text_comes_back(texts: list[str]) -> None:
    encoder = CharEncoder().fit(texts)
    for text in texts:
        encoded = encoder.encode(text)
        assert encoded.tokens.dtype == np.int32
        assert len(encoded.tokens) == len(text)
        assert encoded.context is None
        assert encoder.decode(encoded.tokens.tolist()) == text


@given(TEXTS)
@example(TRICKY)
def test_json_makes_the_same_encoder(texts: list[str]) -> None:
    encoder = CharEncoder().fit(texts)
    again = CharEncoder.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again.vocabulary == encoder.vocabulary
    assert again.fingerprint() == encoder.fingerprint()
    for text in texts:
        assert again.prompt(text) == encoder.prompt(text)


@given(TEXTS)
def test_the_vocabulary_does_not_depend_on_the_order_of_items(texts: list[str]) -> None:
    forward, backward = CharEncoder().fit(texts), CharEncoder().fit(reversed(texts))
    assert forward.vocabulary == backward.vocabulary
    assert list(forward.vocabulary.symbols) == sorted(set("".join(texts)))


@given(TEXTS)
def test_decode_is_total(texts: list[str]) -> None:
    encoder = CharEncoder().fit(texts)
    every = list(range(encoder.vocabulary.end))
    assert encoder.decode(every) == "".join(encoder.vocabulary.symbols)
    assert encoder.decode([]) == ""


def test_fingerprint_is_equal_in_every_process(python: Run) -> None:
    code = (
        "from seqgen import CharEncoder;"
        "print(CharEncoder().fit(['zaß', '\\U0001f995', 'éa']).fingerprint())"
    )
    prints = {python("-c", code, PYTHONHASHSEED=seed).out for seed in ("0", "1", "4711")}
    assert prints == {CharEncoder().fit(["zaß", "\U0001f995", "éa"]).fingerprint() + "\n"}


def test_fingerprint_never_changes() -> None:
    # It stands in every model file: another one would refuse them all.
    assert CharEncoder().fit(["abc", "é"]).fingerprint() == "ec61c6a4925e36c5"


def test_alphabets_have_different_fingerprints() -> None:
    assert CharEncoder().fit(["ab"]).fingerprint() != CharEncoder().fit(["abc"]).fingerprint()


def test_fit_leaves_the_encoder_as_it_was() -> None:
    fresh = CharEncoder()
    fresh.fit(["ab"])
    with pytest.raises(SeqgenError, match=r"not fitted: call fit"):
        _ = fresh.vocabulary


@pytest.mark.parametrize(
    ("text", "symbol", "nearest"), [("aXb", "X", "x"), ("é", "é", "z"), ("7", "7", "a")]
)
def test_an_unknown_symbol_is_named_with_the_nearest(text: str, symbol: str, nearest: str) -> None:
    encoder = CharEncoder().fit(["abcxyz"])
    with pytest.raises(UnknownSymbol) as error:
        encoder.encode(text)
    message = str(error.value)
    assert message.startswith(f"unknown symbol {symbol!r}; nearest known: {nearest!r}")
    assert repr(text) in message


def test_a_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(UnknownSymbol) as error:
        CharEncoder().fit(["ab"]).encode("a" * 1000 + "?")
    assert len(str(error.value)) < 150


def test_ids_of_the_end_and_the_start() -> None:
    vocabulary = Vocabulary(("a", "b", "c"))
    assert [vocabulary.id(symbol) for symbol in "abc"] == [0, 1, 2]
    assert (vocabulary.end, vocabulary.size, vocabulary.start) == (3, 4, 4)
    assert "b" in vocabulary and "d" not in vocabulary


def test_a_vocabulary_needs_symbols_and_each_once() -> None:
    with pytest.raises(DataError, match="vocabulary is empty"):
        CharEncoder().fit(["", ""])
    with pytest.raises(DataError, match=r"twice in the vocabulary: \['b'\]"):
        Vocabulary(("a", "b", "b"))
    with pytest.raises(DataError, match=r"a symbol must be a string, was 7 \(int\)"):
        Vocabulary.learn([["a", 7]])  # type: ignore[list-item]
    with pytest.raises(DataError, match="must be a tuple of strings, was 'ab'"):
        Vocabulary("ab")  # type: ignore[arg-type]


def test_a_capital_letter_is_answered_with_the_lower_case() -> None:
    encoder = CharEncoder().fit(["tri", "rex"])
    with pytest.raises(UnknownSymbol, match="knows lower case only: 'tri'"):
        encoder.prompt("Tri")
