"""Checks of decode: total on whatever a model can draw, from nothing to very long items."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.checks.encoder import comes_back
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.random_walks import Guided, Walk, spelled, walk, walks
from seqgen.testing.shrinking import equal

#: Samples of an untrained model under the default prompt, and walks; then of each further wish.
SAMPLES, FEW = 6, 2
#: Tokens of an item that is huge.
HUGE = 5_000
TOTAL = "decode() must never raise on what a guided model can draw, finished or not"


def check_decode_total(subject: Subject) -> str:
    """decode() accepts samples of an untrained model, by default and at each flag's extremes."""
    count, wishes = 0, 0
    for guided in subject.wishes():
        drawn = {each.tokens for each in _walks(subject, guided)}
        drawn |= subject.unless_broken(
            partial(_drawn_by_a_model, subject, guided), "encoded_form", "guide_form", "contexts"
        )
        _decode_all(subject, guided, drawn)
        count, wishes = count + len(drawn), wishes + 1
    return f"{count} items of {wishes} prompt{'s' * (wishes > 1)}"


def _walks(subject: Subject, guided: Guided) -> Iterable[Walk]:
    number = _number(subject, guided)
    return walks(guided.guide, subject.encoder.vocabulary, number, subject.longest)


def _number(subject: Subject, guided: Guided) -> int:
    return SAMPLES if guided is subject.guided_defaults else FEW


def _drawn_by_a_model(subject: Subject, guided: Guided) -> set[tuple[int, ...]]:
    """Tokens that the generation loop itself draws from an untrained model."""
    from seqgen.generation.config import SamplingConfig
    from seqgen.generation.generator import Generator
    from seqgen.inference.rejection_sampling import TokensOnly
    from seqgen.testing.random_model import random_model

    encoder = subject.encoder
    sizes = tuple(encoder.context_sizes)
    model = random_model(encoder.vocabulary.size, seed=1, scale=1.0, context=sizes)
    config = SamplingConfig(max_tokens=subject.longest, batch_size=3)
    generator = Generator(model, TokensOnly(encoder), guided.guide, config, guided.condition)
    return {sample.tokens for sample in generator.samples(range(_number(subject, guided)))}


def _decode_all(subject: Subject, guided: Guided, drawn: Iterable[tuple[int, ...]]) -> None:
    """Decode the shortest first, so that the first that fails is the smallest."""
    for tokens in sorted(drawn, key=lambda each: (len(each), each)):
        example = f"{spelled(subject.encoder.vocabulary, tokens)}, {guided.asked}"
        with blamed("decode()", TOTAL, example):
            item = subject.encoder.decode(tokens, guided.condition)
            again = subject.encoder.decode(tokens, guided.condition)
        if not equal(item, again):
            raise CheckFailed(
                "decode() gave two items for the same tokens",
                change="let the item depend on the tokens and the condition alone",
                example=example,
            )


def check_drawn_items(subject: Subject) -> str:
    """Items drawn to their end under the guide round-trip: generated items are valid."""
    guided = subject.guided_defaults
    ended = {each.tokens for each in _walks(subject, guided) if each.reason == "end"}
    if not ended:
        raise NotApplicable("no walk came to an end")
    for tokens in sorted(ended, key=len):
        item = _decoded(subject, guided, tokens)
        subject.unless_broken(partial(_hold_item, subject, item), "round_trip", "small_items")
    return f"{len(ended)} items of up to {max(map(len, ended))} tokens"


def check_small_items(subject: Subject) -> str:
    """The empty item and items of one token round-trip if the guide allows them."""
    guided, vocabulary = subject.guided_defaults, subject.encoder.vocabulary
    start = guided.guide.start(1)
    first = guided.guide.allowed(start)[0]
    tried: list[tuple[int, ...]] = []
    if first[vocabulary.end]:
        tried.append(())
    for token in np.flatnonzero(first[: vocabulary.end]).tolist():
        after = guided.guide.advance(start, np.array([token]))
        if guided.guide.allowed(after)[0, vocabulary.end]:
            tried.append((token,))
    if not tried:
        raise NotApplicable("the guide allows no item of fewer than two tokens")
    for tokens in tried:
        _hold_round_trip(subject, guided, tokens)
    return f"{'the empty item and ' * (() in tried)}{sum(map(len, tried))} of one token"


def check_huge_items(subject: Subject) -> str:
    """An item of the maximum length that the guide allows, up to 5,000 tokens, round-trips."""
    guided, vocabulary = subject.guided_defaults, subject.encoder.vocabulary
    rng = np.random.default_rng(0)
    long = walk(guided.guide, vocabulary, rng, HUGE, eager=-np.inf)
    _hold_round_trip(subject, guided, long.tokens, "small_items", "drawn_items")
    return f"{len(long.tokens):,} tokens"


def _hold_round_trip(
    subject: Subject, guided: Guided, tokens: tuple[int, ...], *tellers: str
) -> None:
    from seqgen.domains.guide import accepts

    item = _decoded(subject, guided, tokens)
    if accepts(guided.guide, tokens, subject.encoder.vocabulary.end):
        subject.unless_broken(partial(_hold_item, subject, item), "round_trip", *tellers)


def _decoded(subject: Subject, guided: Guided, tokens: tuple[int, ...]) -> Any:
    """The item behind the tokens; where that raises, check_decode_total tells of it."""

    def decode() -> Any:
        with blamed("decode()", TOTAL, spelled(subject.encoder.vocabulary, tokens)):
            return subject.encoder.decode(tokens, guided.condition)

    return subject.unless_broken(decode, "decode_total")


def _hold_item(subject: Subject, item: Any) -> None:
    """Hold that an item that the guide lets be made can be encoded and comes back.

    Without a guide everything may be drawn, and encode() may refuse what is no item.
    """
    encoder = subject.encoder
    try:
        fine = comes_back(encoder, item)
    except CheckFailed as failure:
        if subject.domain.guide is None and isinstance(failure.__cause__, SeqgenError):
            return
        raise
    if not fine:
        encoded = encoder.encode(item)
        back = encoder.decode(encoded.tokens.tolist(), encoded.condition)
        raise CheckFailed(
            "an item that can be drawn does not come back as it was",
            change="let decode() give only items that encode() writes without loss, or let the "
            "guide forbid the others",
            example=f"{shown(item)} comes back as {shown(back)}",
        )
