"""The dinos domain: what it reads, and that names are as wished whatever the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from seqgen_dinos import Reading, Wishes, corpus, name_guide, seqgen_domain, write

from seqgen import CharEncoder, SettingError, UnknownSymbol
from seqgen.generation.config import SamplingConfig
from seqgen.generation.generator import Generator
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.models.share_weight_rnn import weight_shapes

NAMES = corpus(None, Reading()).items
ENCODER = CharEncoder().fit(NAMES)


def untrained(seed: int) -> NumpyRNN:
    """A model of the shape of the domain, of random weights."""
    config, shape = ModelConfig(units=8), ModelShape(ENCODER.vocabulary.size)
    rng = np.random.default_rng(seed)
    shapes = weight_shapes(config, shape).items()
    weights = {name: rng.normal(0, 0.7, size).astype(np.float32) for name, size in shapes}
    return NumpyRNN(config, shape, weights)


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    """A beginning and an end cut from one word, so that they often overlap, and a window."""
    word = draw(st.text("saur", min_size=1, max_size=8))
    least, most = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    start, stop = draw(st.integers(0, len(word))), draw(st.integers(0, len(word)))
    return Wishes(word[:start], word[stop:], least, most)


def satisfied(name: str, wish: Wishes) -> bool:
    """Whether a name is as wished."""
    return (
        name.startswith(wish.starts_with.lower())
        and name.endswith(wish.ends_with.lower())
        and wish.min_length <= len(name) <= wish.max_length
    )


def satisfiable(wish: Wishes) -> bool:
    """Whether any name is: by trying every length, the two affixes laid over each other."""
    first, last = wish.starts_with.lower(), wish.ends_with.lower()
    for length in range(max(wish.min_length, len(first), len(last)), wish.max_length + 1):
        shared = max(0, len(first) + len(last) - length)
        if first[len(first) - shared :] == last[:shared]:
            return True
    return False


@settings(deadline=None, derandomize=True, max_examples=80)
@given(wishes(), st.integers(0, 100))
@example(Wishes("saus", "us", 1, 4), 0)
@example(Wishes("saus", "us", 5, 5), 0)
@example(Wishes("Tyr", "REX", 6, 6), 0)
@example(Wishes("aaa", "aaaaa", 1, 5), 0)
@example(Wishes("", "", 1, 1), 0)
@example(Wishes("saur", "saur", 1, 7), 0)
def test_names_are_as_wished_from_an_untrained_model(wish: Wishes, seed: int) -> None:
    if not satisfiable(wish):
        with pytest.raises(SettingError, match=f"nothing of {wish.min_length} to"):
            name_guide(ENCODER, wish, None)
        return
    walker = name_guide(ENCODER, wish, None)
    generator = Generator(untrained(seed), ENCODER, walker, SamplingConfig(seed=seed))
    for sample in generator.samples(range(10)):
        assert satisfied(sample.item, wish), (sample.item, wish)
        assert sample.finish_reason == "end"


def test_the_guide_takes_nothing_away_from_what_fits() -> None:
    wish = Wishes("a", "us", 5, 20)
    walker = name_guide(ENCODER, wish, None)
    fitting = [name for name in NAMES if satisfied(name, wish)]
    assert len(fitting) > 10
    for name in fitting:
        state = walker.start(1)
        for token in [*ENCODER.prompt(name), ENCODER.vocabulary.end]:
            assert walker.allowed(state)[0, token]
            if token != ENCODER.vocabulary.end:
                state = walker.advance(state, np.array([token]))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"min_length": 0}, "min_length must be >= 1, was 0"),
        ({"max_length": 1001}, r"max_length must be <= \d+, was 1001"),
        ({"starts_with": 3}, "starts_with must be str, was 3"),
    ],
)
def test_wishes_out_of_range(wish: dict[str, int], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Wishes(**wish)  # type: ignore[arg-type]


def test_a_wish_of_an_unknown_letter() -> None:
    with pytest.raises(UnknownSymbol, match="unknown symbol 'é'"):
        name_guide(ENCODER, Wishes(ends_with="é"), None)


def test_the_shipped_names() -> None:
    assert len(NAMES) == len(set(NAMES)) == 1479
    assert "tyrannosaurus" in NAMES
    assert all(name == name.lower() and name.isalpha() for name in NAMES)


def test_reading_a_column_without_regard_to_case(tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("year,name\n1842,Megalosaurus\n1905,TYRANNOSAURUS\n")
    read = corpus(table, Reading(column="name"))
    assert read.items == ("megalosaurus", "tyrannosaurus")
    assert not read.notes, "capitals of whole names say nothing"
    table.write_text("name\nMcDonald\nMegalosaurus\nreadLines\n")
    said = corpus(table, Reading()).notes["case"]
    assert said == "2 of 3 items have capitals inside, read in lower case"
    assert read.licence == "", "the licence of the shipped names says nothing of a user's"


def test_names_are_written_one_a_line(tmp_path: Path) -> None:
    (path,) = write(["aardonyx", "zuul"], tmp_path / "out", ["", ""])
    assert path == tmp_path / "out" / "names.txt"
    assert path.read_text() == "Aardonyx\nZuul\n"


def test_names_are_shown_with_a_capital() -> None:
    assert seqgen_domain().text("zuul") == "Zuul"


def test_what_is_too_long_for_a_name_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text(f"zuul\n{'ab' * 300}\nminmi\n")
    read = corpus(tmp_path / "names.txt", Reading())
    assert read.items == ("zuul", "minmi")
    (skipped,) = read.skipped
    assert skipped.what.startswith("abab") and len(skipped.what) < 40
    assert "longer than" in skipped.why


def test_the_default_guide_takes_the_longest_name_that_is_read() -> None:
    walker = name_guide(ENCODER, Wishes(), None)
    name = "a" * Wishes().max_length
    state = walker.start(1)
    for token in ENCODER.prompt(name):
        assert walker.allowed(state)[0, token]
        state = walker.advance(state, np.array([token]))
    assert walker.allowed(state)[0].nonzero()[0].tolist() == [ENCODER.vocabulary.end]
