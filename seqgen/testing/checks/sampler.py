"""Checks of a sampler: its tokens, its distribution, its state, and rows of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.components import SAMPLER
from seqgen.generation.sampler import Sampler
from seqgen.testing.failures import FIX_LINE, NotApplicable, format_value, report_errors, require

#: The sizes of batches, of vocabularies and of walks that samplers are checked with.
ROWS, SIZE, STEPS = 7, 12, 6
#: Uniforms at the ends of [0, 1).
ENDS = (0.0, 2.0**-53, 1.0 - 2.0**-24, 1.0 - 2.0**-53)
#: Draws of the test of the distribution, and how many standard deviations chi-square may be above
#: its mean. The draws are seeded, so a sampler passes always or never.
DRAWS, DEVIATIONS = 20_000, 6.0
Logits = NDArray[np.float32]
Uniforms = NDArray[np.float64]


@final
class SamplerUnderTest:
    """A sampler that is checked, with random logits.

    Args:
        sampler: The sampler.
    """

    def __init__(self, sampler: Sampler[Any]) -> None:
        self.sampler = sampler

    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def run(self, check: Callable[[SamplerUnderTest], str]) -> str:
        """Run the function of a check, as ``CellUnderTest.run`` does."""
        with report_errors("the sampler", FIX_LINE):
            return check(self)

    def choose(
        self, logits: Logits, uniforms: Uniforms, state: Any
    ) -> tuple[NDArray[np.int64], Any]:
        """Tokens that the generation loop accepts, and the state after them."""
        tokens, after, _, _ = self.sampler.draw(logits, uniforms, state)
        return tokens, after

    def walk(self) -> Iterator[tuple[Logits, Uniforms, Any]]:
        """Logits with gaps, uniforms, and a state before each step of a batch."""
        rng, state = np.random.default_rng(1), self.sampler.start(ROWS)
        for step in range(STEPS):
            logits = random_logits(rng, ROWS)
            uniforms = rng.random(ROWS)
            uniforms[: len(ENDS)] = np.roll(ENDS, step)
            yield logits, uniforms, state
            _, state = self.choose(logits, uniforms, state)


def random_logits(rng: np.random.Generator, rows: int, size: int = SIZE) -> Logits:
    """Logits of different spreads, some at minus infinity; the last row has one token."""
    logits = rng.normal(0.0, 1.0, (rows, size)) * rng.choice([0.1, 2.0, 20.0], (rows, 1))
    logits[rng.random((rows, size)) < 0.3] = -np.inf
    logits[np.arange(rows), rng.integers(0, size, rows)] = 0.0
    if rows > 1:
        logits[-1, 1:] = -np.inf
        logits[-1, 0] = -3.0
    result: Logits = logits.astype(np.float32)
    return result


def equal_states(one: Any, other: Any) -> bool:
    """Whether two states have the same values."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, tuple | list):
        same = type(one) is type(other) and len(one) == len(other)
        return same and all(map(equal_states, one, other))
    return bool(one == other)


def check_sampler_form(subject: SamplerUnderTest) -> str:
    """The class has a name and options that the command line can have."""
    kind = type(subject.sampler)
    fault = SAMPLER.fault(kind)
    require(not fault, f"the class must be one of {fault}", "set name and Options", kind)
    return f"{kind.name}: {format_value(subject.sampler.options)}"


def check_sampler_tokens(subject: SamplerUnderTest) -> str:
    """Every token is one of an allowed logit, for uniforms at both ends of [0, 1) too."""
    for logits, uniforms, state in subject.walk():
        tokens, _ = subject.choose(logits, uniforms, state)  # which checks them
        change = "leave out tokens of minus infinity, and those of probability 0"
        require(bool(tokens[-1] == 0), "a row with one allowed token got another", change)
    return f"{STEPS} steps of {ROWS} rows"


def check_sampler_arguments(subject: SamplerUnderTest) -> str:
    """choose() changes no argument in place, and depends on its arguments only."""
    for logits, uniforms, state in subject.walk():
        before = deepcopy((logits, uniforms, state))
        first = subject.choose(logits, uniforms, state)
        for name, one, other in zip(
            ("logits", "uniforms", "state"), before, (logits, uniforms, state), strict=True
        ):
            change = "compute new arrays; use no +=, no out= on arguments"
            require(equal_states(one, other), f"choose() changed its {name}", change)
        again = subject.choose(logits, uniforms, state)
        change = "draw from uniforms only, and keep nothing in the sampler itself"
        require(equal_states(first, again), "the same call gives another result", change)
    return f"{STEPS} steps"


def check_sampler_rows(subject: SamplerUnderTest) -> str:
    """A row has the same tokens and the same state alone and in any batch."""
    sampler = subject.sampler
    order = np.random.default_rng(2).permutation(ROWS)
    picked, alone = sampler.select(sampler.start(ROWS), order), sampler.start(1)
    change = "compute each row from its own logits, uniform and state; check select()"
    for logits, uniforms, state in subject.walk():
        tokens, after = subject.choose(logits, uniforms, state)
        moved, picked = subject.choose(logits[order], uniforms[order], picked)
        require(np.array_equal(tokens[order], moved), "the order of rows matters", change)
        same = equal_states(sampler.select(after, order), picked)
        require(same, "the order of rows matters for the state", change)
        single, alone = subject.choose(logits[:1], uniforms[:1], alone)
        what = "a row depends on the other rows"
        require(bool(single[0] == tokens[0]), what, change, tokens[0], single[0])
        own = sampler.select(after, np.array([0]))
        require(equal_states(own, alone), f"{what}: its state", change, own, alone)
    return f"{ROWS} rows, {STEPS} steps"


def check_sampler_distribution(subject: SamplerUnderTest) -> str:
    """Tokens have the frequencies that probabilities() states, by chi-square."""
    sampler, rng, worst = subject.sampler, np.random.default_rng(3), -np.inf
    for logits, _, state in subject.walk():
        stated = sampler.probabilities(logits, state)
        if stated is None:
            raise NotApplicable("probabilities() states no distribution")
        change = "return the probabilities that choose() draws with"
        sums = np.allclose(stated.sum(axis=1), 1.0) and bool((stated >= 0).all())
        require(sums and stated.shape == logits.shape, "the rows do not sum to 1", change)
        require(not stated[logits == -np.inf].any(), "an excluded token is probable", change)
        nats = -np.log(np.where(stated > 0, stated, 1.0))
        row = int((stated * nats).sum(axis=1).argmax())  # the most random row says most
        rows = np.full(DRAWS, row)
        tokens, _ = subject.choose(logits[rows], rng.random(DRAWS), sampler.select(state, rows))
        counts, expected = np.bincount(tokens, minlength=SIZE), stated[row] * DRAWS
        never = counts[expected == 0].sum() == 0
        require(bool(never), "a token of probability 0 was drawn", change, stated[row], counts)
        # Rare tokens are counted together, for which chi-square is not exact.
        rare = expected < 5
        groups = np.array([*expected[~rare], expected[rare].sum()])
        found = np.array([*counts[~rare], counts[rare].sum()])
        known = groups > 0
        square = float((((found - groups)[known]) ** 2 / groups[known]).sum())
        freedom = max(1, int(known.sum()) - 1)
        deviations = (square - freedom) / np.sqrt(2.0 * freedom)
        worst = max(worst, deviations)
        what = f"chi-square is {square:.1f} with {freedom} degrees of freedom"
        require(deviations < DEVIATIONS, what, change, stated[row], counts / DRAWS)
    return f"{STEPS} distributions, chi-square at most {worst:.1f} deviations above its mean"
