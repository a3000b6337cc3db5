"""Checks of the corpus: it loads, twice the same, and can be shared out for training."""

from __future__ import annotations

from seqgen.domains.corpus import LeftOut
from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.examples import equal
from seqgen.testing.subject import Subject


def check_corpus(subject: Subject) -> str:
    """The domain has items of its own, enough to train, validate and score."""
    domain = subject.domain
    try:
        with blamed("corpus(None)", "ship some data, or raise a seqgen.DataError"):
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
    for entry in corpus.left_out:
        if not (isinstance(entry, LeftOut) and entry.what and entry.why):
            raise CheckFailed(
                f"left_out holds {entry!r}",
                change="give seqgen.LeftOut(what, why), both in words",
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
    """Groups are names, one an item, and there are enough of them to share out."""
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
