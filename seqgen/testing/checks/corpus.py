"""Checks of corpus(): its items, groups and options, and its errors."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from seqgen.domains.domain import NoOptions, SkippedItem, load_corpus
from seqgen.errors import SeqgenError
from seqgen.testing.determinism_probes import run_probes
from seqgen.testing.domain_under_test import DomainUnderTest, extreme_values
from seqgen.testing.failures import CheckFailed, NotApplicable, are_equal, report_errors, require


def check_corpus(domain: DomainUnderTest) -> str:
    """The domain has its own items, enough to train, validate and score."""
    with report_errors("corpus(None, options)", "ship data, or raise a seqgen.DataError"):
        try:
            corpus = domain.corpus
        except SeqgenError as error:
            raise CheckFailed(
                f"corpus(None) returns no items: {error}",
                "ship a few items in the package and list the file under package-data",
            ) from error
    different = sum(not are_equal(item, corpus.items[0]) for item in corpus.items)
    what = f"{different} of {len(corpus.items)} items differ from the first, nearly all the same"
    change = "ship at least three different items: for training, validation and the held-out score"
    require(different >= 2, what, change)
    for entry in corpus.skipped:
        valid = isinstance(entry, SkippedItem) and bool(entry.what and entry.why)
        change = "use seqgen.SkippedItem(what, why) with two texts"
        require(valid, f"skipped contains {entry!r}", change)
    return f"{len(corpus.items):,} items"


def check_corpus_repeats(domain: DomainUnderTest) -> str:
    """corpus() gives the same items in the same order each time it is called."""
    change = "read the data in each call; keep no iterator that is exhausted"
    first = domain.items
    with report_errors("the second call of corpus(None)", change):
        second = load_corpus(domain.domain, None).items
    lengths = f"corpus() returned {len(first)} items, then {len(second)}"
    require(len(first) == len(second), lengths, change)
    for place, items in enumerate(zip(first, second, strict=True)):
        what = f"the second call of corpus() returned a different item {place}"
        change = "sort the elements of sets and folders; use no random numbers"
        require(are_equal(*items), what, change, *items)
    return f"{len(first):,} items"


def check_corpus_groups(domain: DomainUnderTest) -> str:
    """Groups are names, one per item, and there are enough of them for a split."""
    groups = domain.corpus.groups
    if not groups:
        raise NotApplicable("the corpus has no groups")
    for place, group in enumerate(groups):
        valid = isinstance(group, str) and bool(group)
        require(valid, f"the group of item {place} is {group!r}", "use a name as group")
    what = f"there are only {len(set(groups))} groups: {sorted(set(groups))}"
    change = "use at least three groups, such as tunes, whose items stay together in the split"
    require(len(set(groups)) >= 3, what, change)
    return f"{len(set(groups)):,} groups"


def check_data_options(domain: DomainUnderTest) -> str:
    """With any data options the own data is read, or a SeqgenError gives the reason."""
    kind = domain.domain.data_options
    if kind is NoOptions:
        raise NotApplicable("the domain has no data options")
    domain.corpus  # noqa: B018 - another check reports a corpus that cannot be loaded
    values = list(extreme_values(kind))
    for name, value in values:
        call = f"corpus(None, {kind.__name__}({name}={value!r}))"
        change = "raise a seqgen.DataError that says what to do instead"
        with report_errors(call, change), suppress(SeqgenError):
            load_corpus(domain.domain, None, replace(kind(), **{name: value}))
    return f"{len(values)} values"


def check_bad_data(domain: DomainUnderTest) -> str:
    """Empty and meaningless files give a SeqgenError or items, and no other error."""
    for name, error in run_probes(domain)[0].value(domain, "bad_data").items():
        raise CheckFailed(
            f"corpus({name!r}) raised {error}",
            "read text with seqgen.read_items, or raise a seqgen.DataError that names the file "
            "and the expected format",
            "an empty file" if "empty" in name else "a file of random bytes",
        )
    return ", ".join(domain.domain.suffixes or (".txt",))
