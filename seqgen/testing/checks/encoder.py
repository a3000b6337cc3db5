"""Checks of the encoder: items come back exactly, and what it gives has the documented form."""

from __future__ import annotations

import copy
import re
from typing import Any

from seqgen.domains.encoder import Encoded, Encoder
from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.shrinking import equal


def check_round_trip(subject: Subject) -> str:
    """decode(encode(item)) is the item, exactly, for every item of the corpus."""
    encoder = subject.encoder
    wrong = [item for item in subject.items if not comes_back(encoder, item)]
    if wrong:
        # Of the domain's own items: a part of one may be no item at all.
        item = min(wrong, key=lambda each: len(repr(each)))
        encoded = encoder.encode(item)
        back = encoder.decode(encoded.tokens.tolist(), encoded.condition)
        raise CheckFailed(
            f"{len(wrong):,} of {len(subject.items):,} items do not come back as they were",
            change="keep in the tokens (or in Encoded.condition) all that == compares, or "
            "normalise items in corpus(), before they are encoded",
            example=f"{shown(item)} comes back as {shown(back)}",
        )
    return f"{len(subject.items):,} items"


def comes_back(encoder: Encoder[Any], item: Any) -> bool:
    """Whether an item survives the round trip."""
    with blamed("encode()", "encode every item that fit() saw", shown(item)):
        encoded = encoder.encode(item)
    tokens = encoded.tokens.tolist()
    with blamed("decode()", "decode whatever encode() gives", f"{tokens} of {shown(item)}"):
        return equal(encoder.decode(tokens, encoded.condition), item)


def check_encoded_form(subject: Subject) -> str:
    """Tokens are (T,) int32 below vocabulary.end, context is (T + 1, C) int32 in its ranges."""
    for item in subject.items:
        wrong = _wrong_form(subject.encode(item), subject.encoder)
        if wrong:
            raise CheckFailed(
                wrong,
                change="see Encoded in docs/reference/hook.md; the end token is added by the host",
                example=shown(item),
            )
    return f"{len(subject.items):,} items"


def _wrong_form(encoded: Encoded, encoder: Encoder[Any]) -> str:
    tokens, end = encoded.tokens, encoder.vocabulary.end
    if tokens.ndim != 1 or tokens.dtype != "int32":
        return f"tokens must be (T,) int32, were {tokens.shape} {tokens.dtype}"
    if len(tokens) and (tokens.min() < 0 or tokens.max() >= end):
        return f"tokens must lie in 0 to {end - 1}, were {tokens.min()} to {tokens.max()}"
    context, sizes = encoded.context, encoder.context_sizes
    if context is None or not sizes:
        given = "no context" if context is None else "a context"
        wanted = f"context_sizes are {sizes}"
        return "" if context is None and not sizes else f"encode() gives {given}, but {wanted}"
    wanted_shape = (len(tokens) + 1, len(sizes))
    if context.shape != wanted_shape or context.dtype != "int32":
        return f"context must be {wanted_shape} int32, was {context.shape} {context.dtype}"
    if (context < 0).any() or (context >= sizes).any():
        return f"context columns must lie below {sizes}, were up to {context.max(axis=0).tolist()}"
    return ""


def check_encode_leaves_items(subject: Subject) -> str:
    """Encoding, decoding and fitting do not change their arguments."""
    for item in subject.some:
        kept = copy.deepcopy(item)
        if not equal(kept, item):
            raise NotApplicable("an item does not equal its copy")
        encoded = subject.encode(item)
        tokens = encoded.tokens.tolist()
        before = list(tokens)
        subject.encoder.decode(tokens, encoded.condition)
        if tokens != before:
            raise CheckFailed(
                "decode() changes the tokens that it is given",
                change="work on a copy: list(tokens)",
                example=f"{before} became {tokens}",
            )
        if not equal(kept, item):
            raise CheckFailed(
                "encode() changes the item that it is given",
                change="work on a copy, or make items of immutable parts",
                example=f"{shown(kept)} became {shown(item)}",
            )
    return f"{len(subject.some)} items"


def check_token_groups(subject: Subject) -> str:
    """Token groups contain ids of the vocabulary, each id in at most one group."""
    groups = subject.encoder.token_groups
    if not groups:
        raise NotApplicable("tokens are of one kind")
    seen: dict[int, str] = {}
    for name, ids in groups.items():
        for token in ids:
            if not 0 <= token < subject.encoder.vocabulary.end:
                raise CheckFailed(
                    f"token group {name!r} holds {token}, which is no symbol's id",
                    change=f"ids go from 0 to {subject.encoder.vocabulary.end - 1}",
                )
            if seen.setdefault(token, name) != name:
                raise CheckFailed(
                    f"token {token} stands in the groups {seen[token]!r} and {name!r}",
                    change="put each token into one group: it has one temperature",
                )
    return ", ".join(groups)


def check_unknown_symbols(subject: Subject) -> str:
    """A SeqgenError names any symbol that the encoder does not know."""
    known = subject.fresh_encoder().fit(_fittable(subject))
    symbols = set(known.vocabulary.symbols)
    tried = 0
    for item in subject.some:
        spelled = subject.encode(item).tokens.tolist()
        missing = {subject.encoder.vocabulary.symbols[token] for token in spelled} - symbols
        if missing:
            tried += 1
            _check_named(known, item, missing)
    if not tried:
        raise NotApplicable("the vocabulary is closed: no item holds an unknown symbol")
    return f"{tried} items"


def _fittable(subject: Subject) -> list[Any]:
    """One item whose symbols are few, to which an encoder can be fitted."""
    encoder = subject.fresh_encoder()
    for item in sorted(subject.some, key=lambda item: len(set(subject.encode(item).tokens))):
        try:
            encoder.fit([item])
        except SeqgenError:
            continue  # an item without symbols, say
        return [item]
    raise NotApplicable("fit() takes no single item")


def _names(message: str, symbol: str) -> bool:
    """Whether a message holds a symbol, in quotes or as a word of its own."""
    alone = rf"(?<!\w){re.escape(symbol)}(?!\w)"
    return repr(symbol) in message or re.search(alone, message) is not None


def _check_named(encoder: Encoder[Any], item: Any, missing: set[str]) -> None:
    change = "look symbols up with vocabulary.id(symbol): it raises a seqgen.UnknownSymbol"
    try:
        encoder.encode(item)
    except SeqgenError as error:
        if not any(_names(str(error), symbol) for symbol in missing):
            raise CheckFailed(
                f"the error does not name the unknown symbol: {error}",
                change=change,
                example=f"{shown(item)}, of which {shown(sorted(missing))} is unknown",
            ) from error
    except Exception as error:
        raise CheckFailed(
            f"an unknown symbol gives {type(error).__name__}: {error}",
            change=change,
            example=f"{shown(item)}, of which {shown(sorted(missing))} is unknown",
        ) from error
    else:
        raise CheckFailed(
            "an item with an unknown symbol is encoded without a word",
            change=change,
            example=f"{shown(item)}, of which {shown(sorted(missing))} is unknown",
        )
