"""The data of a run: the corpus of a domain, encoded and split, with its data card."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import Corpus, Domain, SkippedItem, make_guide
from seqgen.domains.encoder import Encoded, Encoder, hash_bytes, hash_items
from seqgen.domains.guide import Guide, accepts
from seqgen.errors import DataError, PluginError, SeqgenError
from seqgen.evaluation.baselines import MAX_TOKENS, describe_ngram_items
from seqgen.models.padded_batch import Window, windows
from seqgen.registry.load_plugin import error_place, shorten
from seqgen.training.split import Split, describe_shares, group_near_duplicates, split_items
from seqgen.training.token_dataset import TokenDataset
from seqgen.training.train_config import TrainConfig

#: The card's note on items that the n-gram skips; absent if it counts all.
NGRAM_NOTE = "n-gram"
#: The card's note on a split that differs from the requested shares; absent if it does not.
SHARES_NOTE = "shares"
#: The maximum number of validation items and of held-out items: with more, scores would be no
#: more certain, and every scoring would take long.
MOST_SCORED = 20_000
#: The card's note if near-duplicates cannot be kept in one part of the split.
ALIKE = (
    "more than half of the items differ from another in one token only, so such items are in "
    "several parts of the split, and the held-out score is too optimistic"
)
#: The guide is checked on items with about this many tokens: a guide may be slow.
GUIDE_TOKENS = 20_000


@final
@dataclass(frozen=True, slots=True)
class DataCard:
    """A summary of the data of a run.

    Args:
        items: Usable items.
        tokens: Their tokens with end tokens.
        vocabulary: The number of ids that a model predicts, with the end token.
        longest: Tokens of the longest item without its end token.
        duplicates: Items that equal an earlier one.
        skipped: What was skipped, with reasons.
        parts: The number of items in each part of the split; empty without a split.
        notes: Facts from the domain and from the preparation of the data.
        licence: The licence of the data.
        digest: Hash of all encoded items in order.
        split: Hash of the items in each part, in any order: the same split has the same hash.
    """

    items: int
    tokens: int
    vocabulary: int
    longest: int
    duplicates: int
    skipped: Sequence[SkippedItem]
    digest: str
    parts: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    split: str = ""

    def without_split(self) -> DataCard:
        """The same without the facts about the split."""
        about_split = (NGRAM_NOTE, SHARES_NOTE)
        notes = {name: note for name, note in self.notes.items() if name not in about_split}
        return replace(self, parts={}, notes=notes, split="")

    def to_json(self) -> dict[str, Any]:
        """The card as JSON values."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "skipped"}
        skipped = [entry.to_dict() for entry in self.skipped]
        return {**plain, "parts": dict(self.parts), "notes": dict(self.notes), "skipped": skipped}


@final
@dataclass(frozen=True, slots=True, eq=False)
class RunData:
    """Everything that training and evaluation read.

    Args:
        items: The items of the domain; empty once they are not needed.
        encoder: The fitted encoder.
        encoded: The encoded items; their tokens are in a memory-mapped file.
        groups: The number of each item's group, ``(N,)``.
        split: The items of each part.
        card: The data card.
    """

    items: Sequence[Any]
    encoder: Encoder[Any]
    encoded: TokenDataset
    groups: NDArray[np.int64]
    split: Split
    card: DataCard

    def with_split(self, split: Split) -> RunData:
        """The same data with another split."""
        parts = {"train": split.train, "validation": split.validation, "held_out": split.held_out}
        digest = hashlib.sha256()
        for name, indices in parts.items():
            digest.update(name.encode() + hash_items(self.part(indices).tokens).tobytes())
        card = self.card.without_split()
        skipped = ""
        if self.card.tokens > MAX_TOKENS:
            skipped = describe_ngram_items(self.part(split.train).lengths, MAX_TOKENS)
        card = replace(
            card,
            notes={**card.notes, NGRAM_NOTE: skipped} if skipped else card.notes,
            parts={name: len(indices) for name, indices in parts.items()},
            split=digest.hexdigest()[:16],
        )
        return replace(self, split=split, card=card)

    def part(self, indices: Sequence[int]) -> TokenDataset:
        """The encoded items of one part of the split."""
        return self.encoded.subset(indices)

    def groups_of(self, indices: Sequence[int]) -> NDArray[np.int64]:
        """The group of each item of one part of the split, ``(N,)``."""
        return self.groups[np.asarray(indices, np.int64)]

    def windows(self, indices: Sequence[int], length: int) -> list[Window]:
        """The items of one part of the split, cut into windows of at most ``length`` tokens."""
        vocabulary = self.encoder.vocabulary
        return [row for entry in self.part(indices) for row in windows(entry, vocabulary, length)]


def prepare_data(
    domain: Domain, corpus: Corpus[Any], config: TrainConfig, encoding: Any = None
) -> RunData:
    """Fit the encoder, encode every item and split by groups.

    Args:
        domain: Makes the encoder.
        corpus: The items.
        config: The shares and the seed of the split.
        encoding: An instance of the domain's ``encoding_options``; None for the defaults.

    Raises:
        DataError: There are too few different items, or all have the same single symbol.
        PluginError: The domain's encoder cannot be created.
    """
    encoder = _make_encoder(domain, encoding).fit(corpus.items)
    encoded = TokenDataset(map(encoder.encode, corpus.items), encoder.vocabulary)
    if encoder.vocabulary.end < 2:
        raise DataError(
            f"the corpus holds only one symbol ({encoder.vocabulary.symbols[0]!r}): "
            "there is nothing to learn; give data with at least two"
        )
    groups, parted = group_near_duplicates(corpus.groups or range(len(encoded)), encoded.tokens)
    if parted:
        corpus = replace(corpus, notes={**corpus.notes, "alike": ALIKE})
    validation, held_out = (
        min(share, MOST_SCORED / len(encoded)) for share in (config.validation, config.held_out)
    )
    split = split_items(groups, validation, held_out, config.seed)
    card = make_card(corpus, encoder, encoded, {})
    data = RunData(corpus.items, encoder, encoded, groups, split, card).with_split(split)
    note = describe_shares(groups, split, validation, held_out)
    if not note:
        return data
    return replace(data, card=replace(data.card, notes={**data.card.notes, SHARES_NOTE: note}))


def _make_encoder(domain: Domain, encoding: Any) -> Encoder[Any]:
    try:
        made: object = domain.encoder(domain.encoding_options() if encoding is None else encoding)
    except TypeError as error:  # a method is missing, or an argument too many
        raise PluginError(
            f"the encoder of domain {domain.name!r} cannot be made: {error}{error_place(error)}"
        ) from error
    if not isinstance(made, Encoder):
        raise PluginError(
            f"Domain.encoder of domain {domain.name!r} must make a seqgen.Encoder, "
            f"made {shorten(made)}"
        )
    return made


def group_items(corpus: Corpus[Any], encoded: Mapping[int, Encoded]) -> NDArray[np.int64]:
    """The group of each encoded item of a corpus, ``(N,)``, as for a split.

    Args:
        corpus: The corpus, with the groups of the domain if it has any.
        encoded: Its encodable items by index.
    """
    own = [corpus.groups[index] for index in encoded] if corpus.groups else range(len(encoded))
    return group_near_duplicates(own, [entry.tokens for entry in encoded.values()])[0]


def encode_known(
    corpus: Corpus[Any], encoder: Encoder[Any]
) -> tuple[dict[int, Encoded], list[SkippedItem]]:
    """The items that a fitted encoder can encode, by index, and the skipped ones with reasons.

    Raises:
        DataError: It can encode none.
    """
    encoded, skipped = dict[int, Encoded](), list(corpus.skipped)
    for index, item in enumerate(corpus.items):
        try:
            encoded[index] = encoder.encode(item)
        except SeqgenError as error:
            skipped.append(SkippedItem(f"item {index + 1}", str(error)))
    if not encoded:
        raise DataError(f"no item fits this model; the last: {skipped[-1].why}")
    return encoded, skipped


def make_card(
    corpus: Corpus[Any],
    encoder: Encoder[Any],
    encoded: Sequence[Encoded],
    parts: Mapping[str, int],
) -> DataCard:
    """The data card of encoded items."""
    digest = hashlib.sha256(encoder.fingerprint().encode())
    hashes, longest, tokens = array("Q"), 0, 0
    for entry in encoded:
        content = entry.tokens.tobytes()
        if entry.context is not None:
            content += np.ascontiguousarray(entry.context).tobytes()
        digest.update(len(content).to_bytes(8, "little") + content)
        hashes.append(hash_bytes(content))
        longest, tokens = max(longest, len(entry.tokens)), tokens + len(entry.tokens) + 1
    return DataCard(
        items=len(encoded),
        tokens=tokens,
        vocabulary=encoder.vocabulary.size,
        longest=longest,
        duplicates=len(encoded) - len(np.unique(np.array(hashes))),
        skipped=corpus.skipped,
        digest=digest.hexdigest()[:16],
        parts=parts,
        notes=corpus.notes,
        licence=corpus.licence,
    )


def describe_coverage(domain: Domain, data: RunData) -> str:
    """A warning with the number of items that the guide refuses by default; empty if none."""
    if domain.guide is None:
        return ""
    step = max(1, -(-data.card.tokens // GUIDE_TOKENS))
    checked = range(0, len(data.encoded), step)
    refused = sum(not accepted for accepted in _accepted_items(domain, data, checked))
    if not refused:
        return ""
    items = f"{len(checked):,} items{' checked' * (step > 1)}"
    return (
        f"the guide of domain {domain.name!r} refuses {refused:,} of {items}: the model learns "
        "them and can never generate them. Remove them, or extend the guide (seqgen check "
        "checks it on the domain's own data)"
    )


def _accepted_items(domain: Domain, data: RunData, indices: range) -> Iterator[bool]:
    """For each item whether the guide of its own condition accepts it."""
    options, end = domain.generation_options(), data.encoder.vocabulary.end
    shared: Guide[Any] | None = None
    for encoded in data.part(indices):
        if shared is None or encoded.condition is not None:
            shared = make_guide(domain, data.encoder, options, encoded.condition)
        yield accepts(shared, encoded.tokens.tolist(), end)
