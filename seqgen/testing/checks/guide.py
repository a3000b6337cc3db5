"""Checks of generation options and of the guide: its form, masks, bound, states and contexts."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.guide import Guide
from seqgen.errors import SeqgenError
from seqgen.testing.checks.encoder import check_encoded_form
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.failures import (
    CheckFailed,
    NotApplicable,
    format_value,
    report_errors,
    require,
)
from seqgen.testing.random_walks import Walk, format_tokens, random_walks

#: Walks under the default options, and under each other prompt.
DEFAULT_WALKS, WALKS = 12, 4
#: The rows of a batch whose states are checked, and their maximum number of steps.
ROWS, STEPS = 4, 40
STATELESS = "store what is known of an item in its state, nothing in the guide itself"


def check_generation_options(domain: DomainUnderTest) -> str:
    """Any generation options give a condition and a guide, or a SeqgenError."""
    with report_errors("the guide of the default options", "the default options must be possible"):
        domain.make_prompt(domain.default_options)
    values = domain.extreme_options()
    for name, value in values:
        change = "raise a seqgen.SeqgenError that names the possible values"
        with report_errors(f"{name} = {value!r}", change):
            domain.try_prompt({name: value})
    return f"{len(values)} values"


def check_resolve(domain: DomainUnderTest) -> str:
    """resolve() returns options of the same class, and resolving them again changes nothing."""
    resolve = domain.domain.resolve
    if resolve is None:
        raise NotApplicable("the domain has no resolve()")
    domain.default_prompt  # noqa: B018 - another check reports impossible default options
    values = domain.extreme_options()
    change = "fill in open values and leave all others unchanged"
    for changed in ({}, *({name: value} for name, value in values)):
        with suppress(SeqgenError):
            options = replace(domain.default_options, **changed)
            once = resolve(options)
            again = resolve(once)
            same = type(once) is type(options) and once == again
            require(same, "resolving resolved options returns other options", change, once, again)
    return f"{len(values) + 1} prompts"


def check_guide_form(domain: DomainUnderTest) -> str:
    """allowed() gives (B, V) bool, and context() (B, C) int32 in its ranges or None."""
    domain.require_guide()
    guide, size = domain.default_prompt.guide, domain.encoder.vocabulary.size
    columns = len(domain.encoder.context_sizes)
    what = f"guide() returned {format_value(guide)}"
    require(isinstance(guide, Guide), what, "return a seqgen.Guide")
    for batch in (1, 3):
        state = guide.start(batch)
        mask, context = guide.allowed(state), guide.context(state)
        valid = mask.shape == (batch, size) and mask.dtype == bool
        what = f"allowed() must return {(batch, size)} bool, was {mask.shape} {mask.dtype}"
        require(valid, what, "V is vocabulary.size: the symbols and then the end token")
        shape = (batch, columns) if context is None else context.shape
        what = f"context() must return shape {(batch, columns)}, was {shape}"
        require(shape == (batch, columns), what, "return one column for each of context_sizes")
    return f"{size} tokens, {columns} context columns"


def check_guide_accepts_corpus(domain: DomainUnderTest) -> str:
    """The guide accepts every item under the default prompt and the item's own condition."""
    vocabulary, count = domain.encoder.vocabulary, 0
    refused: list[tuple[Any, str]] = []
    for item, encoded, guide in domain.guided_items(domain.items):
        place = find_refused_token(guide, encoded, vocabulary.end)
        if place is not None:
            symbols = [vocabulary.symbols[token] for token in encoded.tokens]
            refused.append((item, f"token {place}, {[*symbols, 'the end'][place]!r}"))
        count += 1
    if refused:
        item, token = min(refused, key=lambda each: len(repr(each[0])))
        raise CheckFailed(
            f"the guide refuses {len(refused):,} of {count:,} items of the corpus",
            "allow all tokens that encode() returns under the default options, or skip such "
            "items in corpus() and list them in Corpus.skipped",
            f"{format_value(item)}: {token}, is not allowed",
        )
    return f"{count:,} items"


def find_refused_token(guide: Guide[Any], encoded: Encoded, end: int) -> int | None:
    """Return the position of the first token that is not allowed; None if all are allowed."""
    state = guide.start(1)
    for place, token in enumerate([*encoded.tokens.tolist(), end]):
        if not guide.allowed(state)[0, token]:
            return place
        if token != end:
            state = guide.advance(state, np.array([token], np.int64))
    return None


def _walk(domain: DomainUnderTest, *, to_bound: bool = False) -> Iterator[tuple[Walk, str]]:
    """Return walks under every prompt, each with the example for a message.

    Args:
        domain: The domain.
        to_bound: Whether only guides with a reachable maximum are walked, up to this maximum.
    """
    domain.require_guide()
    vocabulary, limit = domain.encoder.vocabulary, 4 * domain.max_walk
    for prompt in domain.prompts():
        bound = prompt.guide.max_tokens
        if to_bound and (bound is None or bound > limit):
            continue
        count = DEFAULT_WALKS if prompt is domain.default_prompt else WALKS
        most = domain.max_walk if bound is None else min(bound, limit)
        for walk in random_walks(prompt.guide, vocabulary, count, most):
            yield walk, f"{format_tokens(vocabulary, walk.tokens)}, {prompt.description}"


def check_guide_dead_ends(domain: DomainUnderTest) -> str:
    """No sequence of allowed tokens leads to a dead end."""
    walks = list(_walk(domain))
    dead_ends = [(walk.tokens, example) for walk, example in walks if walk.reason == "dead end"]
    if dead_ends:
        raise CheckFailed(
            f"{len(dead_ends)} of {len(walks)} random walks reach a dead end: no token is "
            "allowed, not even the end",
            "allow a token only if the item can end after it; seqgen.conjunction and the other "
            "ready-made guides look ahead",
            min(dead_ends, key=lambda each: len(each[0]))[1],
        )
    return f"{len(walks)} walks"


def check_guide_bound(domain: DomainUnderTest) -> str:
    """Every item ends within the max_tokens of its guide."""
    count = 0
    for walk, example in _walk(domain, to_bound=True):
        count += 1
        if walk.reason == "length":
            raise CheckFailed(
                f"a walk continues after {len(walk.tokens)} tokens, the max_tokens of its guide",
                "count the tokens in the state and allow only the end at the maximum, or set "
                "max_tokens = None",
                example,
            )
    if not count and domain.default_prompt.guide.max_tokens is None:
        raise NotApplicable("the guide sets no max_tokens; set it if items have a maximum length")
    if not count:
        raise NotApplicable(f"max_tokens is longer than walks of {4 * domain.max_walk:,} tokens")
    return f"{count} walks"


def check_guide_states(domain: DomainUnderTest) -> str:
    """A guide's state is never changed in place, and rows, calls and batches share none."""
    domain.require_guide()
    guide, vocabulary = domain.default_prompt.guide, domain.encoder.vocabulary
    walks = [walk.tokens for walk in random_walks(guide, vocabulary, 6 * ROWS, STEPS)]
    longest = sorted(walks, key=len)[-ROWS:]
    steps = len(longest[0])
    if not steps:
        raise NotApplicable("the guide's items are too short for a batch of walks")
    with domain.skip_if_fails("guide_form"):
        check_guide_form(domain)
    tokens = np.array([each[:steps] for each in longest], np.int64)
    test = _StateTest(guide, tokens, [vocabulary.symbols[token] for token in tokens[0]])
    batch = test.check_rows()
    test.check_old_states(batch)
    test.check_interleaved(batch)
    test.check_select(batch)
    return f"{ROWS} rows of {steps} steps"


@final
@dataclass(frozen=True, slots=True)
class _StateTest:
    """Steps of several rows with a guide. What a guide shows is a row's mask and its context.

    Args:
        guide: The guide.
        tokens: Token ids of the rows, shape ``(ROWS, T)``.
        symbols: The symbols of the first row, for messages.
    """

    guide: Guide[Any]
    tokens: NDArray[np.int64]
    symbols: list[str]

    def _show(self, state: Any) -> NDArray[np.int64]:
        mask, context = self.guide.allowed(state), self.guide.context(state)
        shown = [mask] if context is None else [mask, context]
        return np.hstack(shown).astype(np.int64)

    def _require(self, one: Any, other: Any, what: str, change: str) -> None:
        require(np.array_equal(one, other), what, change, self.symbols)

    def _trace(self, tokens: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return what is shown before each token of a batch, and after the last."""
        state = self.guide.start(len(tokens))
        shown = [self._show(state)]
        for column in tokens.T:
            state = self.guide.advance(state, column.copy())
            shown.append(self._show(state))
        return shown

    def check_rows(self) -> list[NDArray[np.int64]]:
        """Compare a batch with its rows alone, and return what the batch shows at each step."""
        batch = self._trace(self.tokens)
        change = "compute each row's mask and context only from the state of that row"
        for row in range(ROWS):
            for step, alone in enumerate(self._trace(self.tokens[row : row + 1])):
                what = f"at step {step} row {row} of a batch differs from the same row alone"
                self._require(batch[step][row : row + 1], alone, what, change)
        return batch

    def check_old_states(self, batch: list[NDArray[np.int64]]) -> None:
        """Advance one state after the other, then look at the old states again."""
        states = [self.guide.start(ROWS)]
        for column in self.tokens.T:
            self.guide.advance(states[-1], column.copy())  # a discarded step, as in a beam search
            states.append(self.guide.advance(states[-1], column.copy()))
        for step, state in enumerate(states):
            same = np.array_equal(self._show(state), batch[step])
            if not same and self._changes_in_place():
                what = "advance() changes the state that it receives"
                change = "copy the state before changing it: state.copy() or copy.deepcopy(state)"
                require(False, what, change, self.symbols)
            require(same, f"a later step changes the state of step {step}", STATELESS, self.symbols)

    def _changes_in_place(self) -> bool:
        """Return whether advancing a state makes it differ from its copy."""
        state = self.guide.start(ROWS)
        for column in self.tokens.T:
            copied = copy.deepcopy(state)
            following = self.guide.advance(state, column.copy())
            if not np.array_equal(self._show(state), self._show(copied)):
                return True
            state = following
        return False

    def check_interleaved(self, batch: list[NDArray[np.int64]]) -> None:
        """Advance the rows alone in turn, in another order."""
        states = [self.guide.start(1) for _ in range(ROWS)]
        for step, shown in enumerate(batch):
            for row in reversed(range(ROWS)):
                what = f"at step {step} a walk depends on another walk with the same guide"
                self._require(self._show(states[row]), shown[row : row + 1], what, STATELESS)
                if step < self.tokens.shape[1]:
                    token = self.tokens[row : row + 1, step].copy()
                    states[row] = self.guide.advance(states[row], token)

    def check_select(self, batch: list[NDArray[np.int64]]) -> None:
        """Select rows of a batch in another order, one of them twice."""
        rows, state = np.array([ROWS - 1, 0, 0]), self.guide.start(ROWS)
        for step, shown in enumerate(batch):
            selected = self._show(self.guide.select(state, rows))
            what = f"at step {step} select(state, {rows.tolist()}) returns other rows"
            change = "return the rows in the order of the argument, which may repeat a row"
            self._require(selected, shown[rows], what, change)
            change = "copy the state before changing it: return a new state from select()"
            self._require(self._show(state), shown, "select() changes its argument", change)
            if step < self.tokens.shape[1]:
                state = self.guide.advance(state, self.tokens[:, step].copy())


def check_contexts(domain: DomainUnderTest) -> str:
    """The guide gives the context rows that encode() gives: training and generation agree."""
    columns = len(domain.encoder.context_sizes)
    if not columns:
        raise NotApplicable("the domain has no context")
    what = f"the encoder has {columns} context columns, but no guide computes them in generation"
    change = "write a guide with context(), or row_context() of a RowGuide"
    require(domain.domain.guide is not None, what, change)
    with domain.skip_if_fails("encoded_form", "guide_form"):
        check_encoded_form(domain)
        check_guide_form(domain)
    items = domain.items if len(domain.items) <= 1000 else domain.sample_items
    for item, encoded, guide in domain.guided_items(items):
        place = _find_other_context(guide, encoded)
        what = f"at token {place} encode() and the guide return different context rows"
        change = "compute both with one function of the state before the token"
        require(place is None, what, change, item)
    return f"{len(items):,} items"


def _find_other_context(guide: Guide[Any], encoded: Encoded) -> int | None:
    state = guide.start(1)
    for place in range(len(encoded.tokens) + 1):
        context = guide.context(state)
        if context is None or encoded.context is None:
            return place
        if not np.array_equal(context[0], encoded.context[place]):
            return place
        if place < len(encoded.tokens):
            state = guide.advance(state, encoded.tokens[place : place + 1].astype(np.int64))
    return None
