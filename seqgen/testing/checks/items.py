"""Checks of what a domain says of its items and makes of them: text, preview, figures, augment."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.checks.encoder import comes_back
from seqgen.testing.checks.guide import refused_at
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.shrinking import equal, smallest

#: Augmented versions that are made of each item.
VERSIONS = 3
#: Of so many items at most, spread over the corpus.
AUGMENTED = 200


def check_text(subject: Subject) -> str:
    """text() returns one line for every item, of the corpus or generated."""
    text = subject.domain.text
    for item in (*subject.items, *subject.generated):
        with blamed("text()", "give one line of text for every item", shown(item)):
            line = text(item)
        if not isinstance(line, str) or len(line.splitlines()) > 1:
            raise CheckFailed(
                f"text() must give one line, gave {shown(line)}",
                change="join lines with a sign of your own; render() may give several",
                example=shown(item),
            )
    return f"{len(subject.items) + len(subject.generated):,} items"


def check_render(subject: Subject) -> str:
    """render() returns text or bytes by media type for every item, of the corpus or generated."""
    render = subject.domain.render
    if render is None:
        raise NotApplicable("the domain renders nothing: text is shown")
    media: set[str] = set()
    for item in (*subject.some, *subject.generated):
        with blamed("render()", "return functions by media type for every item", shown(item)):
            rendered = dict(render(item))
            pictures = {name: compute() for name, compute in rendered.items()}
        for name, picture in pictures.items():
            wanted = str if str(name).startswith("text/") else str | bytes
            if not isinstance(picture, wanted):
                raise CheckFailed(
                    f"render() must give text as {name!r}, gave {shown(picture)}",
                    change="return what is shown; print nothing",
                    example=shown(item),
                )
        media |= set(pictures)
    return ", ".join(sorted(media))


def check_metrics(subject: Subject) -> str:
    """metrics() returns finite numbers or None by name, the same each time."""
    metrics = subject.domain.evaluation.metrics
    if metrics is None:
        raise NotApplicable("the domain has no figures of its own")
    names: set[str] = set()
    for item in (*subject.some, *subject.generated):
        with blamed("metrics()", "give None where an item is too short for a figure", shown(item)):
            figures = metrics(item)
        _hold_figures(item, figures)
        if metrics(item) != figures:
            raise CheckFailed(
                "metrics() gave other figures when it was asked again",
                change="let figures depend on the item alone",
                example=shown(item),
            )
        names |= set(figures)
    return ", ".join(sorted(names))


def _hold_figures(item: Any, figures: Mapping[str, Any]) -> None:
    change = "give a dict of names with float or None"
    if not isinstance(figures, Mapping):
        raise CheckFailed(f"metrics() gave {shown(figures)}", change=change, example=shown(item))
    for name, value in figures.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fine = value is None or (number and math.isfinite(value))
        if not isinstance(name, str) or not fine:
            raise CheckFailed(
                f"metrics() gave {name!r}: {value!r}, which is no finite number",
                change=change,
                example=shown(item),
            )


def check_rank(subject: Subject) -> str:
    """rank() returns every index of the items once, the same each time."""
    rank = subject.domain.evaluation.rank
    if rank is None:
        raise NotApplicable("the domain does not rank its items")
    for items in (subject.some, subject.generated, subject.some[:1]):
        with blamed("rank()", "rank whatever can be generated", f"{len(items)} items"):
            order = [int(place) for place in rank(items)]
            again = [int(place) for place in rank(items)]
        if sorted(order) != list(range(len(items))):
            raise CheckFailed(
                f"rank() of {len(items)} items does not give each place once",
                change="give the places 0 to len(items) - 1, the best first: "
                "sorted(range(len(items)), key=...)",
                example=shown(order),
            )
        if order != again:
            raise CheckFailed(
                "rank() gave another order when it was asked again",
                change="let the order depend on the items alone",
                example=f"{order}, then {again}",
            )
    return f"{len(subject.some) + len(subject.generated)} items"


def check_augment(subject: Subject) -> str:
    """augment() returns trainable items, depends only on its rng, and does not change the item."""
    augment = subject.domain.augment
    if augment is None:
        raise NotApplicable("the domain does not augment")
    items = subject.items[:: max(1, len(subject.items) // AUGMENTED)][:AUGMENTED]
    for place, item in enumerate(items):
        kept = copy.deepcopy(item)
        for version in range(VERSIONS):
            with blamed("augment()", "give an item for every item and rng", shown(item)):
                other = augment(item, Random(VERSIONS * place + version))
                again = _with_other_chance(augment, item, VERSIONS * place + version)
            _hold(
                equal(other, again),
                "augment() gave two items for the same random numbers",
                "draw from the rng that is passed in, from nothing else",
                item,
            )
            subject.unless_broken(partial(_hold_trainable, subject, item, other), "round_trip")
            if version == 0 and subject.domain.guide is not None:
                look = partial(_hold_guided, subject, item, other)
                subject.unless_broken(look, "guide_form", "guide_accepts_corpus", "contexts")
        _hold(equal(kept, item), "augment() changes its item", "give a new item", item)
    return f"{VERSIONS * len(items):,} items"


def _with_other_chance(augment: Callable[[Any, Random], Any], item: Any, seed: int) -> Any:
    """The same augmentation while Python's and NumPy's global generators stand elsewhere."""
    import numpy as np

    kept, kept_of_numpy = random.getstate(), np.random.get_state()
    random.seed(seed + 1)
    np.random.seed(seed + 1)
    try:
        return augment(item, Random(seed))
    finally:
        random.setstate(kept)
        np.random.set_state(kept_of_numpy)


def _hold_trainable(subject: Subject, item: Any, other: Any) -> None:
    """What training would refuse, and what would not come back."""
    asked = f"{shown(item)} became {shown(other)}"
    with blamed(
        "encode() of an augmented item",
        "let augment() give an item of the same kind, over the symbols of the corpus",
        asked,
    ):
        tokens = subject.encoder.encode(other).tokens
        empty = not len(tokens) and len(subject.encoder.encode(item).tokens) > 0
    if empty:
        raise CheckFailed(
            "augment() gave an empty item",
            change="give the item as it is where there is nothing to change",
            example=asked,
        )
    if not comes_back(subject.encoder, other):
        wrong = smallest([other], lambda part: not comes_back(subject.encoder, part))
        _hold(
            False,
            f"an augmented item does not come back: {shown(wrong)}",
            "give items that encode() writes without loss",
            item,
        )


def _hold_guided(subject: Subject, item: Any, other: Any) -> None:
    """What could be learnt, but never be made."""
    for _, encoded, guide in subject.guides_of_items([other]):
        if refused_at(guide, encoded, subject.encoder.vocabulary.end) is not None:
            raise CheckFailed(
                "the guide refuses an augmented item",
                change="give items that the guide of their condition lets through, as it does "
                "those of the corpus",
                example=f"{shown(item)} became {shown(other)}",
            )


def _hold(true: bool, what: str, change: str, item: Any) -> None:
    if not true:
        raise CheckFailed(what, change=change, example=shown(item))
