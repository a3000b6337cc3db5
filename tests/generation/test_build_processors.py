"""The chain that settings make: which processors, in which order, and what is refused."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import SettingError, UnknownSymbol
from seqgen.generation.generator import make_chain
from seqgen.generation.logits_processor import LogitsProcessor
from seqgen.generation.sampling_config import DRAWING, SamplingConfig

from ..helpers import slow_references as slow
from ..helpers.fakes import letters
from ..helpers.table_model import GroupedEncoder

ENCODER = GroupedEncoder("abecd")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
ROW = [0.5, -1.0, 2.0, 0.0, 1.0, -0.5]

#: Every setting that makes a processor, its name, in the documented order.
IN_ORDER: list[tuple[dict[str, Any], str]] = [
    ({"ban": "a"}, "BannedTokens"),
    ({"force": "1:b"}, "FixedPositions"),
    ({"no_repeat_ngram": 2}, "NoRepeatNGram"),
    ({"repetition_penalty": 1.5}, "RepetitionPenalty"),
    ({"temperature": 0.5}, "Temperature"),
    ({"top_k": 3}, "TopK"),
    ({"top_p": 0.9}, "TopP"),
    ({"min_p": 0.1}, "MinP"),
    ({"typical_p": 0.9}, "Typical"),
]


def kinds(**settings: Any) -> list[str]:
    """The names of the processors that settings make."""
    chain = make_chain(SamplingConfig(**settings), ENCODER)
    return [type(processor).__name__ for processor in chain.processors]


def after(processor: LogitsProcessor[Any], position: int, row: list[float] = ROW) -> slow.Row:
    """The row at a position; the tokens before it are all the first."""
    state = processor.start(1)
    for _ in range(position):
        state = processor.advance(state, np.array([0]))
    logits = np.array([row], np.float32)
    processor.apply(logits, state)
    found: slow.Row = logits[0].astype(float).tolist()
    return found


@given(st.permutations(range(len(IN_ORDER))), st.integers(0, len(IN_ORDER)))
def test_any_settings_in_any_order_make_the_one_order(places: list[int], count: int) -> None:
    chosen: dict[str, Any] = {}
    for place in places[:count]:
        chosen |= IN_ORDER[place][0]
    assert kinds(**chosen) == [IN_ORDER[place][1] for place in sorted(places[:count])]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"min_tokens": 2}, "FixedPositions"),
        ({"temperature_schedule": "0:2"}, "TemperatureSchedule"),
        ({"temperature_groups": "vowel:2"}, "GroupTemperature"),
    ],
)
def test_other_ways_to_ask_take_the_same_place(settings: dict[str, Any], kind: str) -> None:
    place = 1 if "min_tokens" in settings else 4
    around: dict[str, Any] = {}
    for each, _ in IN_ORDER[:place] + IN_ORDER[place + 1 :]:
        around |= each
    wanted = [name for _, name in IN_ORDER]
    wanted[place] = kind
    assert kinds(**around, **settings) == wanted


def test_the_order_matters() -> None:
    # Before a temperature of 0.2 top-p would keep three tokens, after it one is enough.
    chain = make_chain(SamplingConfig(temperature=0.2, top_p=0.8), ENCODER)
    assert slow.possible(after(chain, 0)) == [2]
    assert len(slow.possible(slow.top_p(ROW, 0.8))) == 3
    # The penalty makes token 0 fall out of the first two.
    chain = make_chain(SamplingConfig(repetition_penalty=9.0, top_k=4), ENCODER)
    assert slow.possible(after(chain, 0)) == [0, 2, 3, 4]
    flat = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
    assert slow.possible(after(chain, 1, flat)) == [1, 2, 3, 4]


def test_a_chain_of_one_temperature_is_one_factor() -> None:
    assert make_chain(SamplingConfig(temperature=0.5), ENCODER).factor == 2.0
    for settings in ({}, {"temperature": 0.5, "top_k": 2}, {"top_k": 2}, {"min_tokens": 1}):
        assert make_chain(SamplingConfig(**settings), ENCODER).factor is None


SCHEDULES = st.dictionaries(
    st.integers(0, 9), st.integers(1, 40).map(lambda n: n / 8), min_size=1, max_size=5
)


@given(SCHEDULES, st.integers(0, 10), st.randoms(use_true_random=False))
def test_a_schedule_is_read_and_linear(
    points: dict[int, float], position: int, random: Any
) -> None:
    shuffled = random.sample(sorted(points.items()), len(points))
    text = "  ".join(f"{at}:{value}" for at, value in shuffled)
    chain = make_chain(SamplingConfig(temperature_schedule=text), ENCODER)
    value = slow.scheduled(sorted(points.items()), position)
    np.testing.assert_allclose(after(chain, position), np.array(ROW) / value, rtol=1e-5)


@given(st.floats(0.25, 4.0), st.floats(0.25, 4.0), st.booleans())
def test_groups_are_read(vowel: float, other: float, both: bool) -> None:
    text = f"vowel:{vowel!r} other:{other!r}" if both else f"vowel:{vowel!r}"
    chain = make_chain(SamplingConfig(temperature_groups=text), ENCODER)
    values = [other if both else 1.0] * SIZE
    values[0] = values[2] = vowel  # a and e
    np.testing.assert_allclose(after(chain, 0), slow.heat(ROW, values), rtol=1e-5, atol=1e-6)


def test_ban_force_and_a_least_length_are_read() -> None:
    config = SamplingConfig(ban=" c  a ", force="0:b 12:e 2:d", min_tokens=3)
    chain = make_chain(config, ENCODER)
    allowed = {position: slow.possible(after(chain, position)) for position in range(14)}
    free, b, e, d = [1, 2, 4], 1, 2, 4
    assert [allowed[position] for position in (0, 1, 2)] == [[b], free, [d]]
    assert allowed[12] == [e]
    assert all(allowed[position] == [*free, END] for position in (3, 4, 11, 13))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"force": "a"}, "force: pairs like 'a:1 b:2' are expected, was 'a'"),
    ({"force": "0:"}, "force: pairs like 'a:1 b:2' are expected, was '0:'"),
    ({"force": "0:a :b"}, "force: pairs like 'a:1 b:2' are expected, was ':b'"),
    ({"force": "x:a"}, "force: a position must be an integer >= 0, was 'x'"),
    ({"force": "-1:a"}, "force: a position must be an integer >= 0, was '-1'"),
    ({"force": "1.5:a"}, "force: a position must be an integer >= 0, was '1.5'"),
    ({"force": "0:a 1:b 0:b"}, "force: '0' occurs twice, was '0:a 1:b 0:b'"),
    ({"force": "2:a 02:b"}, "force: a position occurs twice, was '2:a 02:b'"),
    ({"temperature_schedule": "0:1 00:2"}, "temperature_schedule: a position occurs twice"),
    ({"force": " "}, "force: no pair, was ' '"),
    ({"force": "2:a", "ban": "b a"}, "'a' is both banned and forced at position 2"),
    ({"force": "4:a", "max_tokens": 4}, "force: position 4 must be < max_tokens, which is 4"),
    ({"temperature_schedule": "0"}, "temperature_schedule: pairs like .* was '0'"),
    ({"temperature_schedule": " "}, "temperature_schedule: no pair"),
    ({"temperature_schedule": "a:1"}, "temperature_schedule: a position must be .* was 'a'"),
    ({"temperature_schedule": "3:1 3:2"}, "temperature_schedule: '3' occurs twice"),
    ({"temperature_schedule": "0:hot"}, "temperature_schedule: a temperature must be .* was 'hot'"),
    ({"temperature_schedule": "0:0"}, "a temperature must be >= 0.001 and <= 100, was 0.0"),
    ({"temperature_schedule": "0:101"}, "a temperature must be .* was 101.0"),
    ({"temperature_schedule": "0:nan"}, "a temperature must be .* was nan"),
    ({"temperature_schedule": "0:inf"}, "a temperature must be .* was inf"),
    ({"temperature_groups": "vowel"}, "temperature_groups: pairs like .* was 'vowel'"),
    ({"temperature_groups": " "}, "temperature_groups: no pair"),
    ({"temperature_groups": "vowel:x"}, "temperature_groups: a temperature must be .* was 'x'"),
    ({"temperature_groups": "vowel:-1"}, "temperature_groups: a temperature must be .* was -1.0"),
    ({"temperature_groups": "vowel:1 vowel:2"}, "temperature_groups: 'vowel' occurs twice"),
    (
        {"temperature_groups": "pitch:1"},
        "temperature_groups: no group 'pitch'; this domain has vowel, other",
    ),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED, ids=[str(s) for s, _ in REFUSED])
def test_invalid_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make_chain(SamplingConfig(**settings), ENCODER)


def test_a_domain_without_groups_says_so() -> None:
    with pytest.raises(SettingError, match="no group 'pitch'; this domain has none"):
        make_chain(SamplingConfig(temperature_groups="pitch:1"), letters("abc"))


@pytest.mark.parametrize("settings", [{"ban": "a x"}, {"force": "0:a 1:x"}])
def test_unknown_symbols_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(UnknownSymbol, match="unknown symbol 'x'; nearest known: "):
        make_chain(SamplingConfig(**settings), ENCODER)


#: A value for each setting that changes how tokens are drawn.
DRAWN: dict[str, Any] = {
    "temperature": 0.5,
    "temperature_schedule": "0:1",
    "temperature_groups": "vowel:2",
    "top_k": 3,
    "top_p": 0.9,
    "min_p": 0.1,
    "typical_p": 0.9,
}


@pytest.mark.parametrize("name", DRAWING)
def test_greedy_rejects_sampling_settings(name: str) -> None:
    with pytest.raises(SettingError, match=rf"^{name} changes .* was {DRAWN[name]!r}: remove it"):
        SamplingConfig(sampler="greedy", **{name: DRAWN[name]})


@pytest.mark.parametrize("settings", [settings for settings, _ in IN_ORDER[:4]])
def test_greedy_takes_what_changes_the_likeliest(settings: dict[str, Any]) -> None:
    assert SamplingConfig(sampler="greedy", **settings).sampler == "greedy"


@pytest.mark.parametrize(("one", "other"), list(combinations(DRAWING[:3], 2)))
def test_there_is_one_way_to_say_a_temperature(one: str, other: str) -> None:
    with pytest.raises(SettingError, match=f"{one} and {other} contradict each other"):
        SamplingConfig(**{one: DRAWN[one], other: DRAWN[other]})
