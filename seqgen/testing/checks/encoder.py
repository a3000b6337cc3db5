"""Checks of the encoder: fitting, the round trip, the form of tokens, JSON and fingerprint."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from typing import Any

from seqgen.domains.encoder import Encoded, Encoder
from seqgen.errors import SeqgenError
from seqgen.testing.determinism_probes import run_probes
from seqgen.testing.domain_under_test import UNKNOWN_TEXT, DomainUnderTest
from seqgen.testing.failures import (
    CheckFailed,
    NotApplicable,
    are_equal,
    format_value,
    report_errors,
    require,
)


def check_fit(domain: DomainUnderTest) -> str:
    """fit() returns an encoder that knows the items, and does not change the original encoder."""
    encoder = domain.new_encoder()
    before = _copy_contents(encoder)
    with report_errors("fit()", "fit() must accept every item of the own corpus"):
        fitted = encoder.fit(domain.items)
    change = "return a new encoder: type(self)(...)"
    require(isinstance(fitted, Encoder), f"fit() returned {format_value(fitted)}", change)
    unchanged = _copy_contents(encoder) == before
    unchanged &= fitted is not encoder or before is not None
    require(unchanged, "fit() changes the encoder on which it is called", change)
    change = "iterate over the items only once: they may be a generator"
    with report_errors("fit() of an iterator", change):
        _check_same_ids(fitted, encoder.fit(iter(domain.items)), "an iterator of the items", change)
    return f"{fitted.vocabulary.end:,} symbols"


def _copy_contents(encoder: Encoder[Any]) -> Any:
    """Vocabulary and JSON; None if the encoder is not fitted and has no fixed symbols."""
    try:
        return encoder.vocabulary, copy.deepcopy(encoder.to_json())
    except Exception:
        return None


def check_fit_order(domain: DomainUnderTest) -> str:
    """The ids do not depend on the order of the items, unless the encoder declares it."""
    encoder = domain.encoder
    if encoder.order_matters:
        raise NotApplicable("the encoder declares order_matters")
    reverse = domain.new_encoder().fit(tuple(reversed(domain.items)))
    change = "sort the symbols (Vocabulary.learn does), or set order_matters = True"
    _check_same_ids(encoder, reverse, "the same items in reverse order", change)
    return f"{encoder.vocabulary.end:,} symbols"


def _check_same_ids(one: Encoder[Any], other: Encoder[Any], data: str, change: str) -> None:
    symbols, others = one.vocabulary.symbols, other.vocabulary.symbols
    different = [pair for pair in zip(symbols, others, strict=False) if pair[0] != pair[1]]
    example = different[0] if different else (f"{len(symbols)} symbols", f"{len(others)} symbols")
    same = not different and len(symbols) == len(others)
    require(same, f"fitted to {data} the encoder has other ids", change, *example)


def check_round_trip(domain: DomainUnderTest) -> str:
    """decode(encode(item)) is the item, exactly, for every item of the corpus."""
    wrong = [item for item in domain.items if not round_trips(domain.encoder, item)]
    if wrong:
        item = min(wrong, key=lambda each: len(repr(each)))
        encoded = domain.encoder.encode(item)
        raise CheckFailed(
            f"{len(wrong):,} of {len(domain.items):,} items do not come back as they were",
            "keep everything that == compares in the tokens or in Encoded.condition, or normalise "
            "the items in corpus()",
            f"{format_value(item)} comes back as "
            + format_value(domain.encoder.decode(encoded.tokens.tolist(), encoded.condition)),
        )
    return f"{len(domain.items):,} items"


def round_trips(encoder: Encoder[Any], item: Any) -> bool:
    """Return whether an item is the same after encoding and decoding."""
    with report_errors("encode()", "encode every item that fit() saw", item):
        encoded = encoder.encode(item)
    tokens = encoded.tokens.tolist()
    with report_errors("decode()", "decode all tokens that encode() returns", tokens, item):
        return are_equal(encoder.decode(tokens, encoded.condition), item)


def check_encoded_form(domain: DomainUnderTest) -> str:
    """Tokens are (T,) int32 below vocabulary.end, context is (T + 1, C) int32 in its ranges."""
    change = "see Encoded in docs/reference/hook.md; seqgen adds the end token"
    for item in domain.items:
        wrong = _describe_wrong_form(domain.encode(item), domain.encoder)
        require(not wrong, wrong, change, item)
    return f"{len(domain.items):,} items"


def _describe_wrong_form(encoded: Encoded, encoder: Encoder[Any]) -> str:
    tokens, end = encoded.tokens, encoder.vocabulary.end
    if tokens.ndim != 1 or tokens.dtype != "int32":
        return f"tokens must be (T,) int32, were {tokens.shape} {tokens.dtype}"
    if len(tokens) and (tokens.min() < 0 or tokens.max() >= end):
        return f"tokens must be in 0 to {end - 1}, were {tokens.min()} to {tokens.max()}"
    context, sizes = encoded.context, encoder.context_sizes
    if context is None and not sizes:
        return ""
    if context is None or not sizes:
        found = "no context" if context is None else "a context"
        return f"encode() returns {found}, but context_sizes is {sizes}"
    shape = (len(tokens) + 1, len(sizes))
    if context.shape != shape or context.dtype != "int32":
        return f"context must be {shape} int32, was {context.shape} {context.dtype}"
    if (context < 0).any() or (context >= sizes).any():
        return f"context columns must be below {sizes}, were up to {context.max(axis=0).tolist()}"
    return ""


def check_encode_leaves_items(domain: DomainUnderTest) -> str:
    """Encoding, decoding and fitting do not change their arguments."""
    for item in domain.sample_items:
        copied = copy.deepcopy(item)
        if not are_equal(copied, item):
            raise NotApplicable("an item does not equal its copy")
        encoded = domain.encode(item)
        tokens, before = encoded.tokens.tolist(), encoded.tokens.tolist()
        domain.encoder.decode(tokens, encoded.condition)
        change = "use a copy: list(tokens)"
        require(tokens == before, "decode() changes the tokens that it receives", change, before)
        change = "use a copy, or make items of immutable parts"
        same = are_equal(copied, item)
        require(same, "encode() changes the item that it receives", change, copied, item)
    return f"{len(domain.sample_items)} items"


def check_json(domain: DomainUnderTest) -> str:
    """An encoder is restored from its JSON: the same ids, the same tokens, the same fingerprint."""
    encoder = domain.encoder
    with report_errors("to_json()", "use JSON values: dict, list, str, int, float, bool, None"):
        text = json.dumps(encoder.to_json(), allow_nan=False)
    with report_errors("from_json()", "accept what to_json() returns, with lists for tuples"):
        restored = type(encoder).from_json(json.loads(text))
    change = "save in to_json() all that encode() and decode() depend on, and restore all of it"
    same = restored.vocabulary == encoder.vocabulary
    require(same, "the vocabulary restored from JSON is different", change)
    for item in domain.sample_items:
        tokens, condition = domain.encode(item).tokens.tolist(), domain.encode(item).condition
        with report_errors("encode() after JSON", change, item):
            encoded = restored.encode(item)
            decoded = restored.decode(encoded.tokens.tolist(), encoded.condition)
        same = encoded.tokens.tolist() == tokens and decoded == encoder.decode(tokens, condition)
        require(same, "the encoder restored from JSON encodes differently", change, item)
    same = restored.fingerprint() == encoder.fingerprint()
    require(same, "the encoder restored from JSON has another fingerprint", change)
    return f"{len(text):,} characters"


def check_fingerprint(domain: DomainUnderTest) -> str:
    """The fingerprint is the same in every process, for any PYTHONHASHSEED."""
    found: set[str] = {probe.value(domain, "fit") for probe in run_probes(domain)}
    change = "sort the elements of a set before they get ids; save no hash(), id() or time"
    what = f"{len(found)} processes have the fingerprints {sorted(found)}"
    require(len(found) == 1, what, change)
    same = found == {domain.encoder.fingerprint()}
    require(same, "this process has another fingerprint than a new one", change)
    return found.pop()


def check_token_groups(domain: DomainUnderTest) -> str:
    """Token groups contain ids of the vocabulary, each id in at most one group."""
    groups, end = domain.encoder.token_groups, domain.encoder.vocabulary.end
    if not groups:
        raise NotApplicable("the encoder has no token groups")
    group_names: dict[int, str] = {}
    for name, ids in groups.items():
        for token in ids:
            what = f"token group {name!r} contains {token}, which is no symbol's id"
            require(0 <= token < end, what, f"ids are 0 to {end - 1}")
            first = group_names.setdefault(token, name)
            what = f"token {token} is in the groups {first!r} and {name!r}"
            require(first == name, what, "put each token into one group: it has one temperature")
    return ", ".join(groups)


def check_unknown_symbols(domain: DomainUnderTest) -> str:
    """A SeqgenError names any symbol that the encoder does not know."""
    encoder, tested = _fit_to_one_item(domain), 0
    for item in domain.sample_items:
        symbols = {domain.encoder.vocabulary.symbols[token] for token in domain.encode(item).tokens}
        unknown = symbols.difference(encoder.vocabulary.symbols)
        if unknown:
            tested += 1
            _check_unknown(encoder, item, unknown)
    if not tested:
        raise NotApplicable("no item has an unknown symbol: the vocabulary is fixed")
    return f"{tested} items"


def _fit_to_one_item(domain: DomainUnderTest) -> Encoder[Any]:
    """Return an encoder fitted to one item with few symbols."""
    for item in sorted(domain.sample_items, key=lambda item: len(set(domain.encode(item).tokens))):
        try:
            return domain.new_encoder().fit([item])
        except SeqgenError:
            continue  # for example an item without symbols
    raise NotApplicable("fit() accepts no single item")


def _check_unknown(encoder: Encoder[Any], item: Any, unknown: Iterable[str]) -> None:
    what = "an item with an unknown symbol is encoded without an error"
    try:
        encoder.encode(item)
    except SeqgenError as error:
        words = [rf"(?<!\w){re.escape(symbol)}(?!\w)" for symbol in unknown]
        quoted = [re.escape(repr(symbol)) for symbol in unknown]
        if re.search("|".join(words + quoted), str(error)):
            return
        what = f"the error does not name the unknown symbol: {error}"
    except Exception as error:
        what = f"an unknown symbol raises {type(error).__name__}: {error}"
    raise CheckFailed(
        what,
        "look up symbols with vocabulary.id(symbol): it raises a seqgen.UnknownSymbol",
        f"{format_value(item)}, unknown: {format_value(sorted(unknown))}",
    )


def check_prompt_text(domain: DomainUnderTest) -> str:
    """A typed prompt gives token ids, or a SeqgenError that names the unknown symbol."""
    end, texts = domain.encoder.vocabulary.end, ("", UNKNOWN_TEXT, *domain.sample_texts)
    change = "look up symbols with vocabulary.id(symbol): it raises a seqgen.UnknownSymbol"
    for text in texts:
        try:
            with report_errors("prompt()", change, text):
                tokens = domain.encoder.prompt(text)
        except CheckFailed as failure:
            error = failure.__cause__
            if not isinstance(error, SeqgenError):
                raise
            named = text != UNKNOWN_TEXT or text in str(error)
            require(named, f"the error for the prompt {text!r} does not name it: {error}", change)
            continue
        valid = all(0 <= token < end for token in tokens)
        require(valid, f"prompt({text!r}) returns {tokens}", f"ids are 0 to {end - 1}")
    return f"{len(texts)} texts"
