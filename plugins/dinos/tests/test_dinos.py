"""The dinos domain: what it reads, and that names are as wished whatever the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from seqgen_dinos import (
    DataOptions,
    GenerationOptions,
    corpus,
    name_guide,
    seqgen_domain,
    write,
)

from seqgen import CharEncoder, SettingError, UnknownSymbol, accepts
from seqgen.generation.generator import Generator
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig, weight_shapes

NAMES = corpus(None, DataOptions()).items
ENCODER = CharEncoder().fit(NAMES)


def untrained(seed: int) -> NumpyRNN:
    """A model with random weights."""
    config, shape = ModelConfig(units=8), ModelShape(ENCODER.vocabulary.size)
    rng = np.random.default_rng(seed)
    shapes = weight_shapes(config, shape).items()
    weights = {name: rng.normal(0, 0.7, size).astype(np.float32) for name, size in shapes}
    return NumpyRNN(config, shape, weights)


@st.composite
def options_strategy(draw: st.DrawFn) -> GenerationOptions:
    """First and last letters from one word, so that they often overlap, and lengths."""
    word = draw(st.text("saur", min_size=1, max_size=8))
    shortest, longest = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    start, stop = draw(st.integers(0, len(word))), draw(st.integers(0, len(word)))
    return GenerationOptions(word[:start], word[stop:], shortest, longest)


def satisfied(name: str, options: GenerationOptions) -> bool:
    """Whether a name satisfies the options."""
    return (
        name.startswith(options.starts_with.lower())
        and name.endswith(options.ends_with.lower())
        and options.min_length <= len(name) <= options.max_length
    )


def satisfiable(options: GenerationOptions) -> bool:
    """Whether any name satisfies them: tries every length, with the affixes overlapping."""
    first, last = options.starts_with.lower(), options.ends_with.lower()
    for length in range(max(options.min_length, len(first), len(last)), options.max_length + 1):
        shared = max(0, len(first) + len(last) - length)
        if first[len(first) - shared :] == last[:shared]:
            return True
    return False


@settings(deadline=None, derandomize=True, max_examples=80)
@given(options_strategy(), st.integers(0, 100))
@example(GenerationOptions("saus", "us", 1, 4), 0)
@example(GenerationOptions("saus", "us", 5, 5), 0)
@example(GenerationOptions("Tyr", "REX", 6, 6), 0)
@example(GenerationOptions("aaa", "aaaaa", 1, 5), 0)
@example(GenerationOptions("", "", 1, 1), 0)
@example(GenerationOptions("saur", "saur", 1, 7), 0)
def test_names_satisfy_the_options_with_an_untrained_model(
    options: GenerationOptions, seed: int
) -> None:
    if not satisfiable(options):
        with pytest.raises(SettingError, match=f"no item of {options.min_length} to"):
            name_guide(ENCODER, options, None)
        return
    guide = name_guide(ENCODER, options, None)
    generator = Generator(untrained(seed), ENCODER, guide, SamplingConfig(seed=seed))
    for sample in generator.samples(range(10)):
        assert satisfied(sample.item, options), (sample.item, options)
        assert sample.finish_reason == "end"


def test_the_guide_allows_every_name_that_satisfies_the_options() -> None:
    options = GenerationOptions("a", "us", 5, 20)
    guide = name_guide(ENCODER, options, None)
    satisfying = [name for name in NAMES if satisfied(name, options)]
    assert len(satisfying) > 10
    for name in satisfying:
        state = guide.start(1)
        for token in [*ENCODER.prompt(name), ENCODER.vocabulary.end]:
            assert guide.allowed(state)[0, token]
            if token != ENCODER.vocabulary.end:
                state = guide.advance(state, np.array([token]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_length": 0}, "min_length must be >= 1, was 0"),
        ({"max_length": 1001}, r"max_length must be <= \d+, was 1001"),
        ({"starts_with": 3}, "starts_with must be str, was 3"),
    ],
)
def test_options_out_of_range(options: dict[str, int], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        GenerationOptions(**options)  # type: ignore[arg-type]


def test_an_option_with_an_unknown_letter() -> None:
    with pytest.raises(UnknownSymbol, match="unknown symbol 'é'"):
        name_guide(ENCODER, GenerationOptions(ends_with="é"), None)


def test_the_shipped_names() -> None:
    assert len(NAMES) == len(set(NAMES)) == 1479
    assert "tyrannosaurus" in NAMES
    assert all(name == name.lower() and name.isalpha() for name in NAMES)


def test_a_column_is_read_in_lower_case(tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("year,name\n1842,Megalosaurus\n1905,TYRANNOSAURUS\n")
    read = corpus(table, DataOptions(column="name"))
    assert read.items == ("megalosaurus", "tyrannosaurus")
    assert not read.notes, "capitals of entire names are not reported"
    table.write_text("name\nMcDonald\nMegalosaurus\nreadLines\n")
    note = corpus(table, DataOptions()).notes["case"]
    assert note == "2 of 3 items have capitals inside, read in lower case"
    assert read.licence == "", "the licence is that of the shipped names only"


def test_names_are_written_one_per_line(tmp_path: Path) -> None:
    (path,) = write(["aardonyx", "zuul"], tmp_path / "out", ["", ""])
    assert path == tmp_path / "out" / "names.txt"
    assert path.read_text() == "Aardonyx\nZuul\n"


def test_names_are_shown_with_a_capital() -> None:
    assert seqgen_domain().text("zuul") == "Zuul"


def test_names_that_are_too_long_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text(f"zuul\n{'ab' * 300}\nminmi\n")
    read = corpus(tmp_path / "names.txt", DataOptions())
    assert read.items == ("zuul", "minmi")
    (skipped,) = read.skipped
    assert skipped.what.startswith("abab") and len(skipped.what) < 40
    assert "longer than" in skipped.why


def test_the_default_guide_allows_the_longest_name() -> None:
    guide = name_guide(ENCODER, GenerationOptions(), None)
    name = "a" * GenerationOptions().max_length
    state = guide.start(1)
    for token in ENCODER.prompt(name):
        assert guide.allowed(state)[0, token]
        state = guide.advance(state, np.array([token]))
    assert guide.allowed(state)[0].nonzero()[0].tolist() == [ENCODER.vocabulary.end]


def test_letters_of_names_with_capitals_are_taken_as_they_are() -> None:
    encoder = CharEncoder().fit(["Zuul", "Minmi"])
    options = GenerationOptions(starts_with="Zu")
    guide = name_guide(encoder, options, None)
    end = encoder.vocabulary.end
    assert accepts(guide, encoder.encode("Zuul").tokens, end)
    assert not accepts(guide, encoder.encode("Minmi").tokens, end)
