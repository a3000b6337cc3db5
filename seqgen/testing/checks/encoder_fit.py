"""Checks of fitting and of keeping a fitted encoder: order, JSON, fingerprints."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from seqgen.domains.domain import NoOptions
from seqgen.domains.encoder import Encoder
from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.checks.decoding import check_decode_total, check_drawn_items
from seqgen.testing.checks.encoder import check_encoded_form, check_round_trip
from seqgen.testing.checks.guide import (
    check_contexts,
    check_guide_accepts_corpus,
    check_guide_dead_ends,
    check_guide_form,
)
from seqgen.testing.checks.guide_state import check_guide_states
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.option_values import extreme_values


def check_fit(subject: Subject) -> str:
    """fit() returns an encoder that knows the items, and does not change the original encoder."""
    items = subject.items
    fresh = subject.fresh_encoder()
    before = _saved(fresh)
    with blamed("fit()", "fit() must take every item of the own corpus"):
        fitted = fresh.fit(items)
    if not isinstance(fitted, Encoder):
        raise CheckFailed(
            f"fit() gave {shown(fitted)}", change="give a new encoder: return type(self)(...)"
        )
    if _saved(fresh) != before or (fitted is fresh and before is None):
        raise CheckFailed(
            "fit() changes the encoder that it was called on",
            change="return a new one, type(self)(vocabulary), and leave self as it was",
        )
    with blamed("fit() of an iterator", "go through the items once: they may be a generator"):
        once = fresh.fit(iter(items))
    _hold_alike(fitted, once, "an iterator of the items", "go through the items only once")
    return f"{fitted.vocabulary.end:,} symbols"


def _saved(encoder: Encoder[Any]) -> Any:
    """Vocabulary and JSON; None before the encoder is fitted, unless its symbols are fixed."""
    try:
        return encoder.vocabulary, copy.deepcopy(encoder.to_json())
    except Exception:
        return None


def check_fit_order(subject: Subject) -> str:
    """The ids do not depend on the order of the items, unless the encoder declares it."""
    encoder = subject.encoder
    if encoder.order_matters:
        raise NotApplicable("the encoder says that the order of items matters (order_matters)")
    again = subject.fresh_encoder().fit(tuple(reversed(subject.items)))
    _hold_alike(
        encoder,
        again,
        "the same items in reverse order",
        "sort the symbols (Vocabulary.learn does), or set order_matters = True",
    )
    return f"{encoder.vocabulary.end:,} symbols"


def _hold_alike(one: Encoder[Any], other: Encoder[Any], how: str, change: str) -> None:
    pairs = zip(one.vocabulary.symbols, other.vocabulary.symbols, strict=False)
    differing = [(a, b) for a, b in pairs if a != b][:1]
    if differing or one.vocabulary.size != other.vocabulary.size:
        raise CheckFailed(
            f"fitted to {how} the encoder has other ids",
            change=change,
            example=f"{differing[0][0]!r} and {differing[0][1]!r} have the same id"
            if differing
            else f"{one.vocabulary.end} symbols, then {other.vocabulary.end}",
        )


def check_json(subject: Subject) -> str:
    """An encoder is restored from its JSON: the same ids, the same tokens, the same fingerprint."""
    encoder = subject.encoder
    with blamed("to_json()", "give JSON values only: dict, list, str, int, float, bool, None"):
        text = json.dumps(encoder.to_json(), allow_nan=False)
    with blamed("from_json()", "it must take what to_json() gave, after JSON made lists of tuples"):
        again = type(encoder).from_json(json.loads(text))
    change = "write all that encode() and decode() depend on to JSON, and read all of it"
    if again.vocabulary != encoder.vocabulary:
        raise CheckFailed("the vocabulary that comes back from JSON is another", change=change)
    for item in subject.some:
        before = subject.encode(item)
        with blamed("encode() after JSON", change, shown(item)):
            after = again.encode(item)
            back = again.decode(after.tokens.tolist(), after.condition)
        if after.tokens.tolist() != before.tokens.tolist() or back != encoder.decode(
            before.tokens.tolist(), before.condition
        ):
            raise CheckFailed(
                "the encoder that comes back from JSON encodes otherwise",
                change=change,
                example=shown(item),
            )
    if again.fingerprint() != encoder.fingerprint():
        raise CheckFailed(
            "the encoder that comes back from JSON has another fingerprint", change=change
        )
    return f"{len(text):,} characters"


def check_fingerprint(subject: Subject) -> str:
    """The fingerprint is the same in every process, for any PYTHONHASHSEED."""
    from seqgen.testing.probe_runner import probes

    found: set[str] = {probe.told(subject, "fit") for probe in probes(subject)}
    if len(found) != 1:
        raise CheckFailed(
            f"{len(found)} processes gave the fingerprints {sorted(found)}",
            change="sort what comes from a set before it is given an id, and keep nothing of "
            "hash(), id() or the time in to_json()",
        )
    if found != {subject.encoder.fingerprint()}:
        raise CheckFailed(
            "this process has another fingerprint than a fresh one",
            change="fingerprints must depend on the vocabulary alone, not on what ran before",
        )
    return found.pop()


def check_prompt_text(subject: Subject) -> str:
    """A typed prompt gives token ids, or a SeqgenError that names the unknown symbol."""
    from seqgen.testing.option_values import ODD_TEXT

    encoder = subject.encoder
    for text in ("", ODD_TEXT, *subject.words):
        try:
            tokens = encoder.prompt(text)
        except SeqgenError as error:
            if text == ODD_TEXT and text not in str(error):
                raise CheckFailed(
                    f"the error for the prompt {text!r} does not name it: {error}",
                    change="look symbols up with vocabulary.id(symbol)",
                ) from error
            continue
        except Exception as error:
            raise CheckFailed(
                f"the prompt {text!r} gives {type(error).__name__}: {error}",
                change="raise a SeqgenError, as vocabulary.id(symbol) does",
            ) from error
        if not all(0 <= token < encoder.vocabulary.end for token in tokens):
            raise CheckFailed(
                f"the prompt {text!r} gives the ids {tokens}",
                change=f"ids go from 0 to {encoder.vocabulary.end - 1}",
            )
    return "4 texts" if len(subject.words) == 2 else "3 texts"


#: What depends on how items become tokens.
LAWS: tuple[Callable[[Subject], str], ...] = (
    check_fit,
    check_round_trip,
    check_encoded_form,
    check_json,
    check_guide_form,
    check_guide_accepts_corpus,
    check_guide_dead_ends,
    check_guide_states,
    check_contexts,
    check_decode_total,
    check_drawn_items,
)


def check_encoding_options(subject: Subject) -> str:
    """With any encoding options, the laws of encoder, guide and decode hold."""
    kind = subject.domain.encoding_options
    if kind is NoOptions:
        raise NotApplicable("the domain has no encoding options")
    tried = []
    for name, value in extreme_values(kind):
        try:
            encoding = replace(kind(), **{name: value})
        except SeqgenError:
            continue  # a value that is refused with a reason
        if encoding != kind():
            _hold_laws(subject, encoding, f"{name} = {value!r}")
            tried.append(f"{name} = {value!r}")
    if not tried:
        raise NotApplicable("every value is the default or is refused")
    return ", ".join(tried)


def _hold_laws(subject: Subject, encoding: Any, how: str) -> None:
    other = subject.encoded_by(encoding)
    for law in LAWS:
        name = law.__name__.removeprefix("check_")
        if subject.fails(name):
            continue  # whatever the options say: the check itself tells of it
        try:
            law(other)
        except NotApplicable:
            continue
        except CheckFailed as failure:
            raise CheckFailed(
                f"with {how}, {name}: {failure.what}",
                change=failure.change,
                example=failure.example,
            ) from failure
