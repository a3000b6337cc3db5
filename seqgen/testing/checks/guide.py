"""Checks of the guide: sound on its own corpus, never at a dead end, bounded as it says."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqgen.domains.encoder import Encoded
from seqgen.domains.guide import Guide
from seqgen.testing.check import CheckFailed, NotApplicable, shown
from seqgen.testing.checks.encoder import check_encoded_form
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.random_walks import Guided, spelled, walks

#: Walks of the default prompt, and of each further wish.
WALKS, FEW = 12, 4


def check_guide_form(subject: Subject) -> str:
    """allowed() gives (B, V) bool, and context() (B, C) int32 in its ranges or None."""
    subject.check_guide()
    guide, encoder = subject.guided_defaults.guide, subject.encoder
    if not isinstance(guide, Guide):
        raise CheckFailed(f"guide() gave {shown(guide)}", change="give a seqgen.Guide")
    sizes = encoder.context_sizes
    for batch in (1, 3):
        state = guide.start(batch)
        mask, context = guide.allowed(state), guide.context(state)
        wanted = (batch, encoder.vocabulary.size)
        if mask.shape != wanted or mask.dtype != bool:
            raise CheckFailed(
                f"allowed() must give {wanted} bool, gave {mask.shape} {mask.dtype}",
                change="V is vocabulary.size: the symbols and the end token, which is the last",
            )
        if context is not None and context.shape != (batch, len(sizes)):
            raise CheckFailed(
                f"context() must give {(batch, len(sizes))}, gave {context.shape}",
                change="give one column for each of the encoder's context_sizes",
            )
    return f"{encoder.vocabulary.size} tokens, {len(sizes)} context columns"


def check_guide_accepts_corpus(subject: Subject) -> str:
    """The guide accepts every item under the default prompt and the item's own condition."""
    vocabulary, count = subject.encoder.vocabulary, 0
    refused: list[tuple[Any, int, str]] = []
    for item, encoded, guide in subject.guides_of_items(subject.items):
        place = refused_at(guide, encoded, vocabulary.end)
        if place is not None:
            symbols = (*vocabulary.symbols, "the end")
            token = [*encoded.tokens.tolist(), vocabulary.end][place]
            refused.append((item, place, symbols[token]))
        count += 1
    if refused:
        item, place, symbol = min(refused, key=lambda found: len(repr(found[0])))
        raise CheckFailed(
            f"the guide refuses {len(refused):,} of {count:,} items of the corpus",
            change="let the guide allow all that encode() writes under the default prompt, or "
            "leave such items out of the corpus and say so in skipped",
            example=f"{shown(item)}: token {place}, {symbol!r}, is not allowed",
        )
    return f"{count:,} items"


def refused_at(guide: Guide[Any], encoded: Encoded, end: int) -> int | None:
    """The place of the first token that is not allowed; None when all are."""
    state = guide.start(1)
    for place, token in enumerate([*encoded.tokens.tolist(), end]):
        if not guide.allowed(state)[0, token]:
            return place
        if token != end:
            state = guide.advance(state, np.array([token], np.int64))
    return None


def check_guide_dead_ends(subject: Subject) -> str:
    """No sequence of allowed tokens leads to a dead end."""
    subject.check_guide()
    vocabulary, count = subject.encoder.vocabulary, 0
    for guided in subject.wishes():
        number = WALKS if guided is subject.guided_defaults else FEW
        made = list(walks(guided.guide, vocabulary, number, _most(subject, guided)))
        stuck = [each.tokens for each in made if each.reason == "dead end"]
        if stuck:
            raise CheckFailed(
                f"{len(stuck)} of {len(made)} random walks come to a place where nothing is "
                "allowed, not even the end",
                change="allow a token only when the item can still be finished after it; "
                "seqgen.conjunction and the other ready-made guides look ahead",
                example=f"{spelled(vocabulary, min(stuck, key=len))}, {guided.asked}",
            )
        count += len(made)
    return f"{count} walks"


def _most(subject: Subject, guided: Guided) -> int:
    bound = guided.guide.max_tokens
    return subject.longest if bound is None else min(bound, 4 * subject.longest)


def check_guide_bound(subject: Subject) -> str:
    """Every item ends within the max_tokens of its guide."""
    subject.check_guide()
    vocabulary, count = subject.encoder.vocabulary, 0
    for guided in subject.wishes():
        bound = guided.guide.max_tokens
        if bound is None or bound > 4 * subject.longest:
            continue
        number = WALKS if guided is subject.guided_defaults else FEW
        for each in walks(guided.guide, vocabulary, number, bound):
            count += 1
            if each.reason == "length":
                raise CheckFailed(
                    f"a walk goes on after {bound} tokens, though max_tokens is {bound}",
                    change="count the tokens in the state and allow the end alone at the bound, "
                    "or set max_tokens = None",
                    example=f"{spelled(vocabulary, each.tokens)}, {guided.asked}",
                )
    if not count:
        raise NotApplicable("max_tokens is None, or further away than walks go")
    return f"{count} walks"


def check_contexts(subject: Subject) -> str:
    """The guide gives the context rows that encode() gives: training and generation agree."""
    encoder = subject.encoder
    if not encoder.context_sizes:
        raise NotApplicable("the domain has no context")
    if subject.domain.guide is None:
        raise CheckFailed(
            f"the encoder has a context of {len(encoder.context_sizes)} columns, but the domain "
            "has no guide that gives it while items are generated",
            change="write a guide with context(), or row_context() of a RowGuide",
        )
    subject.unless_broken(lambda: check_encoded_form(subject), "encoded_form")
    subject.unless_broken(lambda: check_guide_form(subject), "guide_form")
    items = subject.items if len(subject.items) <= 1000 else subject.some
    for item, encoded, guide in subject.guides_of_items(items):
        place = _differs_at(guide, encoded)
        if place is not None:
            raise CheckFailed(
                f"at token {place} encode() and the guide give different context rows",
                change="make both rows by one function of the state before the token",
                example=shown(item),
            )
    return f"{len(items):,} items"


def _differs_at(guide: Guide[Any], encoded: Encoded) -> int | None:
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
