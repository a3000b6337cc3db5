"""Data of a run: the corpus a domain loads, encoded and split, with its data card."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.corpus import Corpus, LeftOut
from seqgen.domains.domain import Domain
from seqgen.domains.encoder import Encoded, Encoder
from seqgen.errors import DataError, PluginError, SeqgenError
from seqgen.evaluation.baselines import tell_counted
from seqgen.evaluation.novelty import hash_bytes, hash_items
from seqgen.models.batch import Window, windows
from seqgen.registry.loading import place_of
from seqgen.registry.validation import short
from seqgen.runs.run_folder import check_no_samples
from seqgen.training.config import TrainConfig
from seqgen.training.near_duplicates import alike_groups
from seqgen.training.split import Split, split_items, tell_shares
from seqgen.training.token_dataset import StoredItems

#: The card's note of what the n-gram leaves out; absent where it counts all.
NGRAM_NOTE = "n-gram"
#: The card's note of a split that is not as was asked for; absent where it is.
SHARES_NOTE = "shares"
#: More items than this are not set apart to stop by or to score: the figures would be no surer,
#: and every scoring would take long.
MOST_SCORED = 20_000
#: Said where near-duplicates cannot be kept on one side.
ALIKE = (
    "more than half of the items differ from another in one token only, so such items stand on "
    "both sides of the split and the held-out figure flatters"
)


@final
@dataclass(frozen=True, slots=True)
class DataCard:
    """What a person should know about the data of a run.

    Args:
        items: Usable items.
        tokens: Their tokens, end tokens counted.
        vocabulary: Ids a model predicts, the end token included.
        longest: Tokens of the longest item, end token not counted.
        duplicates: Items that equal an earlier one.
        left_out: What was not used, with reasons.
        parts: Items in each part of the split; empty where there is no split.
        notes: Facts the domain gives, and what the host did to the data.
        licence: Under which terms the data stands.
        digest: Hash of all encoded items in order.
        split: Hash of the items in each part, in any order: the same split has the same hash.
    """

    items: int
    tokens: int
    vocabulary: int
    longest: int
    duplicates: int
    left_out: tuple[LeftOut, ...]
    digest: str
    parts: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    split: str = ""

    def without_split(self) -> DataCard:
        """The same without what it tells of the split."""
        kept = self.notes.items()
        notes = {name: note for name, note in kept if name not in (NGRAM_NOTE, SHARES_NOTE)}
        return replace(self, parts={}, notes=notes, split="")

    def to_json(self) -> dict[str, Any]:
        """The card as JSON values."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "left_out"}
        left_out = [entry.to_json() for entry in self.left_out]
        return {**plain, "parts": dict(self.parts), "notes": dict(self.notes), "left_out": left_out}


@final
@dataclass(frozen=True, slots=True, eq=False)
class RunData:
    """Everything that training and evaluation read.

    Args:
        items: The items as the domain gave them; empty where none reads them any more.
        encoder: The fitted encoder.
        encoded: The encoded items; their tokens lie in a mapped file.
        groups: The number of each item's group, ``(N,)``.
        split: Which items stand in which part.
        card: The data card.
    """

    items: tuple[Any, ...]
    encoder: Encoder[Any]
    encoded: StoredItems
    groups: NDArray[np.int64]
    split: Split
    card: DataCard

    def with_split(self, split: Split) -> RunData:
        """The same data shared out in another way, its card with it."""
        parts = {"train": split.train, "validation": split.validation, "held_out": split.held_out}
        digest = hashlib.sha256()
        for name, indices in parts.items():
            digest.update(name.encode() + hash_items(self.part(indices).tokens).tobytes())
        card = self.card.without_split()
        left_out = tell_counted(self.part(split.train).lengths)
        card = replace(
            card,
            notes={**card.notes, NGRAM_NOTE: left_out} if left_out else card.notes,
            parts={name: len(indices) for name, indices in parts.items()},
            split=digest.hexdigest()[:16],
        )
        return replace(self, split=split, card=card)

    def part(self, indices: Sequence[int]) -> StoredItems:
        """The encoded items of one part of the split."""
        return self.encoded.part(indices)

    def groups_of(self, indices: Sequence[int]) -> NDArray[np.int64]:
        """The group of each item of one part of the split, ``(N,)``."""
        return self.groups[np.asarray(indices, np.int64)]

    def windows(self, indices: Sequence[int], length: int) -> list[Window]:
        """The items of one part of the split, cut into windows of at most ``length`` tokens."""
        vocabulary = self.encoder.vocabulary
        return [row for entry in self.part(indices) for row in windows(entry, vocabulary, length)]


def load_corpus(domain: Domain, source: Path | None, options: Any) -> Corpus[Any]:
    """What the domain makes of a path, or of nothing: its own data.

    Raises:
        DataError: There is nothing there, or no usable item in it.
    """
    if source is not None and not source.exists():
        raise DataError(f"no data at {source}; give an existing file or folder to --data")
    if source is not None:
        check_no_samples(source)
    given: object = domain.corpus(source, domain.data_options() if options is None else options)
    if not isinstance(given, Iterable | Corpus):
        raise DataError(
            f"corpus() of domain {domain.name!r} must give a list of items or a seqgen.Corpus, "
            f"was {given!r}"
        )
    corpus = given if isinstance(given, Corpus) else Corpus(tuple(given))
    if not corpus.items:
        where = source or f"the data of domain {domain.name!r}"
        reasons = "; ".join(f"{entry.what}: {entry.why}" for entry in corpus.left_out[:3])
        raise DataError(f"{where} holds no usable item" + (f" ({reasons})" if reasons else ""))
    return corpus


def prepare_data(
    domain: Domain, corpus: Corpus[Any], config: TrainConfig, encoding: Any = None
) -> RunData:
    """Fit the encoder, encode every item and split by groups.

    Args:
        domain: Makes the encoder.
        corpus: The items.
        config: The shares of the split and its seed.
        encoding: An instance of the domain's ``encoding_options``; None for the defaults.

    Raises:
        DataError: Too few different items, or only one symbol in all of them.
        PluginError: The domain's encoder cannot be made.
    """
    encoder = _fresh_encoder(domain, encoding).fit(corpus.items)
    encoded = StoredItems(map(encoder.encode, corpus.items), encoder.vocabulary)
    if encoder.vocabulary.end < 2:
        raise DataError(
            f"the corpus holds only one symbol ({encoder.vocabulary.symbols[0]!r}): "
            "there is nothing to learn; give data with at least two"
        )
    groups, parted = alike_groups(corpus.groups or range(len(encoded)), encoded.tokens)
    if parted:
        corpus = replace(corpus, notes={**corpus.notes, "alike": ALIKE})
    validation, held_out = (
        min(share, MOST_SCORED / len(encoded)) for share in (config.validation, config.held_out)
    )
    split = split_items(groups, validation, held_out, config.seed)
    card = make_card(corpus, encoder, encoded, {})
    data = RunData(corpus.items, encoder, encoded, groups, split, card).with_split(split)
    told = tell_shares(groups, split, validation, held_out)
    if not told:
        return data
    return replace(data, card=replace(data.card, notes={**data.card.notes, SHARES_NOTE: told}))


def _fresh_encoder(domain: Domain, encoding: Any) -> Encoder[Any]:
    try:
        made: object = domain.encoder(domain.encoding_options() if encoding is None else encoding)
    except TypeError as error:  # a method is missing, or an argument too many
        raise PluginError(
            f"the encoder of domain {domain.name!r} cannot be made: {error}{place_of(error)}"
        ) from error
    if not isinstance(made, Encoder):
        raise PluginError(
            f"Domain.encoder of domain {domain.name!r} must make a seqgen.Encoder, "
            f"made {short(made)}"
        )
    return made


def alike(corpus: Corpus[Any], encoded: Mapping[int, Encoded]) -> NDArray[np.int64]:
    """The group of each encoded item of a corpus, ``(N,)``, as the split would have it.

    Args:
        corpus: Where the items come from, with the domain's groups if it gives any.
        encoded: Its items that can be encoded, by their places among all.
    """
    own = [corpus.groups[place] for place in encoded] if corpus.groups else range(len(encoded))
    return alike_groups(own, [entry.tokens for entry in encoded.values()])[0]


def encode_known(
    corpus: Corpus[Any], encoder: Encoder[Any]
) -> tuple[dict[int, Encoded], list[LeftOut]]:
    """The items that a fitted encoder can encode, by their places from 0, and those it cannot,
    with the reason.

    Raises:
        DataError: It can encode none.
    """
    encoded, left_out = dict[int, Encoded](), list(corpus.left_out)
    for place, item in enumerate(corpus.items):
        try:
            encoded[place] = encoder.encode(item)
        except SeqgenError as error:
            left_out.append(LeftOut(f"item {place + 1}", str(error)))
    if not encoded:
        raise DataError(f"not one item fits this model; the first: {left_out[-1].why}")
    return encoded, left_out


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
        left_out=corpus.left_out,
        digest=digest.hexdigest()[:16],
        parts=parts,
        notes=corpus.notes,
        licence=corpus.licence,
    )
