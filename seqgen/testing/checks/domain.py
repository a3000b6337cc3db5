"""Checks of what a plugin registers: the fields of its Domain, its options and presets."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields, replace
from functools import partial
from typing import Any

from seqgen.domains.domain import Domain, NoOptions, SkippedItem
from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.option_values import extreme_values, values_beyond
from seqgen.testing.shrinking import equal


def check_domain_fields(subject: Subject) -> str:
    """The plugin loads, and every field of its Domain has the right type."""
    try:
        loaded = subject.load()
    except SeqgenError as error:
        raise CheckFailed(str(error), change="see docs/reference/hook.md, Domain") from error
    if not loaded.domain.summary.strip():
        raise CheckFailed(
            "Domain.summary must be one line, was empty",
            change="say in one line what the domain makes",
        )
    return f"{loaded.domain.name}: {loaded.domain.summary}"


def check_options(subject: Subject) -> str:
    """Options have help texts and refuse values out of bounds."""
    classes = _option_classes(subject.domain)
    if not classes:
        raise NotApplicable("the domain asks for nothing")
    for kind in classes:
        for item in fields(kind):
            if not item.metadata.get("help"):
                raise CheckFailed(
                    f"{kind.__name__}.{item.name} has no help text",
                    change=f'write {item.name}: ... = seqgen.setting(DEFAULT, "What it says.")',
                )
        subject.unless_broken(partial(_check_bounds, kind), "domain_fields")
    return f"{sum(len(fields(kind)) for kind in classes)} options"


def _option_classes(domain: Domain) -> list[type[Any]]:
    every = (domain.data_options, domain.encoding_options, domain.generation_options)
    return [kind for kind in every if kind is not NoOptions]


def _check_bounds(kind: type[Any]) -> None:
    for name, value in values_beyond(kind):
        try:
            replace(kind(), **{name: value})
        except SeqgenError:
            continue
        raise CheckFailed(
            f"{kind.__name__} takes {name} = {value!r}, which is out of its bounds",
            change="call seqgen.check_settings(self) in __post_init__",
        )


def check_presets(subject: Subject) -> str:
    """Presets name existing settings and have valid values."""
    from seqgen.runs.run_config import RunConfig

    presets = subject.domain.presets
    if not presets:
        raise NotApplicable("the domain has no presets")
    try:
        RunConfig.build(subject.domain, {})
    except SeqgenError as error:
        raise CheckFailed(
            str(error), change="see the flags of `seqgen run`: a preset is one of their names"
        ) from error
    return _listed(presets)


def _listed(names: Iterable[str], most: int = 4) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")


def check_data_options(subject: Subject) -> str:
    """With any data options the own data is read, or a SeqgenError gives the reason."""
    kind = subject.domain.data_options
    if kind is NoOptions:
        raise NotApplicable("the domain has no data options")
    subject.corpus  # noqa: B018 - what cannot be loaded at all is told by another check
    tried = 0
    for name, value in extreme_values(kind):
        asked = f"corpus(None, {kind.__name__}({name}={value!r}))"
        change = "raise a seqgen.DataError that says what to do instead"
        with blamed(asked, change), suppress(SeqgenError):
            subject.load_corpus(replace(kind(), **{name: value}))
        tried += 1
    return f"{tried} values"


def check_corpus(subject: Subject) -> str:
    """The domain has its own items, enough to train, validate and score."""
    domain = subject.domain
    try:
        with blamed("corpus(None, options)", "ship some data, or raise a seqgen.DataError"):
            corpus = subject.corpus
    except CheckFailed as failure:
        if isinstance(failure.__cause__, SeqgenError):
            raise CheckFailed(
                f"corpus(None) gives nothing: {failure.__cause__}",
                change="ship a few items in the package and list the file under package-data",
            ) from failure
        raise
    different = 0
    for item in corpus.items:
        if not equal(item, corpus.items[0]):
            different += 1
    if different < 2:
        raise CheckFailed(
            f"the corpus of {domain.name} holds {len(corpus.items)} items, nearly all the same",
            change="ship at least three different items: one to train on, one to stop by and "
            "one to be scored on",
        )
    for entry in corpus.skipped:
        if not (isinstance(entry, SkippedItem) and entry.what and entry.why):
            raise CheckFailed(
                f"skipped contains {entry!r}",
                change="give seqgen.SkippedItem(what, why), both in words",
            )
    return f"{len(corpus.items):,} items"


def check_corpus_repeats(subject: Subject) -> str:
    """corpus() gives the same items in the same order each time it is called."""
    first = subject.corpus
    with blamed("corpus(None), called again,", "read the data anew in each call"):
        again = subject.load_corpus()
    if len(first.items) != len(again.items):
        raise CheckFailed(
            f"corpus() gave {len(first.items)} items, then {len(again.items)}",
            change="read the data anew in each call; keep no iterator that runs dry",
        )
    for place, (one, other) in enumerate(zip(first.items, again.items, strict=True)):
        if not equal(one, other):
            raise CheckFailed(
                f"item {place} was another one when corpus() was called again",
                change="sort what comes from a set or a folder, and draw nothing at random",
                example=f"{shown(one)}, then {shown(other)}",
            )
    return f"{len(first.items):,} items"


def check_corpus_groups(subject: Subject) -> str:
    """Groups are names, one per item, and there are enough of them for a split."""
    groups = subject.corpus.groups
    if not groups:
        raise NotApplicable("every item stands alone")
    for place, group in enumerate(groups):
        if not isinstance(group, str) or not group:
            raise CheckFailed(
                f"the group of item {place} is {group!r}",
                change="give each item the name of its group as text",
            )
    if len(set(groups)) < 3:
        raise CheckFailed(
            f"there are only {len(set(groups))} groups: {sorted(set(groups))}",
            change="a group is what must not be torn apart, such as the takes of one tune; "
            "three groups are the least that can be shared out",
        )
    return f"{len(set(groups)):,} groups"
