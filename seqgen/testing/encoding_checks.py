"""Check of the encoder options: the laws hold however items become tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from seqgen.domains.domain import NoOptions
from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable
from seqgen.testing.decode_checks import check_decode_total, check_drawn_items
from seqgen.testing.encoder_checks import check_encoded_form, check_round_trip
from seqgen.testing.fit_checks import check_fit, check_json
from seqgen.testing.guide_checks import (
    check_contexts,
    check_guide_accepts_corpus,
    check_guide_dead_ends,
    check_guide_form,
)
from seqgen.testing.state_checks import check_guide_states
from seqgen.testing.subject import Subject
from seqgen.testing.values import extreme_values

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


def check_encoder_options(subject: Subject) -> str:
    """Whatever the encoder options say, the laws of encoder, guide and decode hold."""
    kind = subject.domain.encoder_options
    if kind is NoOptions:
        raise NotApplicable("the domain has no encoder options")
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
