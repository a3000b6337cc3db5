"""Checks of functions of items: text, render, metrics, augment and rank."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from seqgen.testing.checks.encoder import round_trips
from seqgen.testing.checks.guide import find_refused_token
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.failures import (
    NotApplicable,
    are_equal,
    find_smallest,
    format_value,
    report_errors,
    require,
)

#: Items of which pictures and sound are computed too.
FULLY_RENDERED = 4
#: Augmented versions of each item.
VERSIONS = 3
#: The maximum number of items that are augmented.
AUGMENTED_ITEMS = 200


def check_text(domain: DomainUnderTest) -> str:
    """text() returns one line for every item, of the corpus or generated."""
    change = "return one line of text for every item; render() may return several lines"
    items = (*domain.items, *domain.generated_items)
    for item in items:
        with report_errors("text()", change, item):
            line = domain.domain.text(item)
        valid = isinstance(line, str) and len(line.splitlines()) <= 1
        require(valid, f"text() must return one line, was {format_value(line)}", change, item)
    return f"{len(items):,} items"


def check_render(domain: DomainUnderTest) -> str:
    """render() returns text or bytes by media type for every item, of the corpus or generated."""
    # Text is computed for every item, pictures and sound, which take long, for a few.
    render = domain.domain.render
    if render is None:
        raise NotApplicable("the domain has no render(): text() is shown")
    change = "return a dict of functions by media type for every item"
    media: set[str] = set()
    for number, item in enumerate((*domain.generated_items, *domain.sample_items)):
        with report_errors("render()", change, item):
            rendered = {
                str(name): compute()
                for name, compute in render(item).items()
                if number < FULLY_RENDERED or str(name).startswith("text/")
            }
        for name, content in rendered.items():
            kind = str if name.startswith("text/") else str | bytes
            what = f"render() must return text as {name!r}, was {type(content).__name__}"
            require(isinstance(content, kind), what, change, item)
        media |= set(rendered)
    return ", ".join(sorted(media))


def check_metrics(domain: DomainUnderTest) -> str:
    """metrics() returns finite numbers or None by name, the same each time."""
    metrics = domain.domain.evaluation.metrics
    if metrics is None:
        raise NotApplicable("the domain has no metrics()")
    change = "return a dict of float or None by name, None if an item is too short for a metric"
    names: set[str] = set()
    for item in (*domain.sample_items, *domain.generated_items):
        with report_errors("metrics()", change, item):
            values = metrics(item)
            again = metrics(item)
        what = f"metrics() returned {format_value(values)}"
        require(isinstance(values, Mapping), what, change, item)
        for name, value in values.items():
            what = f"metrics() returned {name!r}: {value!r}, which is no finite number"
            require(isinstance(name, str) and _is_metric(value), what, change, item)
        what = "metrics() returned other values in the second call"
        require(values == again, what, "let metrics depend only on the item", item)
        names |= set(values)
    return ", ".join(sorted(names))


def _is_metric(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and math.isfinite(value))  # type: ignore[arg-type]


def check_augment(domain: DomainUnderTest) -> str:
    """augment() returns trainable items, depends only on its rng, and does not change the item."""
    augment = domain.domain.augment
    if augment is None:
        raise NotApplicable("the domain has no augment()")
    items = domain.select_items(AUGMENTED_ITEMS)
    for place, item in enumerate(items):
        copied = copy.deepcopy(item)
        for seed in range(VERSIONS * place, VERSIONS * (place + 1)):
            with report_errors("augment()", "return an item for every item and rng", item):
                augmented = augment(item, Random(seed))
                again = _augment_with_other_globals(domain, item, seed)
            what = "augment() returned two items for the same random numbers"
            require(are_equal(augmented, again), what, "draw only from the rng argument", item)
            with domain.skip_if_fails("round_trip"):
                _check_trainable(domain, item, augmented)
            if seed % VERSIONS == 0 and domain.domain.guide is not None:
                with domain.skip_if_fails("guide_form", "guide_accepts_corpus", "contexts"):
                    _check_accepted(domain, item, augmented)
        require(are_equal(copied, item), "augment() changes its item", "return a new item", item)
    return f"{VERSIONS * len(items):,} items"


def _augment_with_other_globals(domain: DomainUnderTest, item: Any, seed: int) -> Any:
    """Augment with other states of the global generators of Python and NumPy."""
    states = random.getstate(), np.random.get_state()
    random.seed(seed + 1)
    np.random.seed(seed + 1)
    try:
        assert domain.domain.augment is not None
        return domain.domain.augment(item, Random(seed))
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


def _check_trainable(domain: DomainUnderTest, item: Any, augmented: Any) -> None:
    """Check that an augmented item has tokens and round-trips."""
    change = "return an item of the same kind, with symbols of the corpus"
    with report_errors("encode() of an augmented item", change, item, augmented):
        tokens = domain.encoder.encode(augmented).tokens
    valid = len(tokens) > 0 or not len(domain.encoder.encode(item).tokens)
    change = "return the item unchanged if nothing can be changed"
    require(valid, "augment() returned an empty item", change, item, augmented)
    if not round_trips(domain.encoder, augmented):
        wrong = find_smallest(augmented, lambda part: not round_trips(domain.encoder, part))
        what = f"an augmented item does not come back as it was: {format_value(wrong)}"
        require(False, what, "return items that encode() preserves", item)


def _check_accepted(domain: DomainUnderTest, item: Any, augmented: Any) -> None:
    """Check that the guide accepts an augmented item, so that a model can generate it."""
    for _, encoded, guide in domain.guided_items([augmented]):
        place = find_refused_token(guide, encoded, domain.encoder.vocabulary.end)
        change = "return items that the guide accepts under their condition, as those of the corpus"
        what = "the guide refuses an augmented item"
        require(place is None, what, change, item, augmented)


def check_rank(domain: DomainUnderTest) -> str:
    """rank() returns every index of the items once, the same each time."""
    rank = domain.domain.evaluation.rank
    if rank is None:
        raise NotApplicable("the domain has no rank()")
    samples: tuple[Sequence[Any], ...] = (domain.sample_items, domain.generated_items)
    for items in (*samples, domain.sample_items[:1]):
        with report_errors("rank()", f"rank any items that can be generated, here {len(items)}"):
            order, again = ([int(place) for place in rank(items)] for _ in range(2))
        what = f"rank() of {len(items)} items must return each index once"
        change = "return the indices, best first: sorted(range(len(items)), key=...)"
        require(sorted(order) == list(range(len(items))), what, change, order)
        what = "rank() returned another order in the second call"
        require(order == again, what, "let the order depend only on the items", order, again)
    return f"{sum(map(len, samples))} items"
