"""Batches: training data as a pure function of (seed, step)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import PluginError
from seqgen.models.batch import Batch
from seqgen.registry.loading import error_place
from seqgen.registry.validation import shorten
from seqgen.training.bucketing import fitting, padded_lengths
from seqgen.training.token_dataset import StoredItems, TokenStore


@final
@dataclass(frozen=True, slots=True, eq=False)
class Augmentation:
    """Other versions of the training items, one an epoch, as a function of the seed.

    Args:
        augment: ``augment(item, rng)`` of a domain.
        encode: The fitted encoder's ``encode``.
        whose: The domain as messages name it.
        seed: See ``encoded``.
    """

    augment: Callable[[Any, Random], Any]
    encode: Callable[[Any], Encoded]
    whose: str
    seed: int

    def encoded(self, items: Iterable[Any], epoch: int) -> Iterator[Encoded]:
        """Each item's version of an epoch: what it is follows from (seed, epoch, its place).

        Raises:
            PluginError: ``augment`` raises, or gives what cannot be encoded or has no tokens.
        """
        for place, item in enumerate(items):
            # A string seed is hashed by Random itself, the same in every process.
            yield self._version(item, Random(f"{self.seed}/{epoch}/{place}"))

    def _version(self, item: Any, rng: Random) -> Encoded:
        try:
            other = self.augment(item, rng)
        except Exception as error:
            raise self._fault(item, f"raised {_told(error)}") from error
        try:
            encoded = self.encode(other)
        except Exception as error:
            raise self._fault(
                item, f"gave {shorten(other)}, which encode() refuses: {_told(error)}"
            ) from error
        if not len(encoded.tokens) and len(self.encode(item).tokens):
            raise self._fault(item, f"gave {shorten(other)}, which is empty")
        return encoded

    def _fault(self, item: Any, what: str) -> PluginError:
        return PluginError(
            f"augment() of {self.whose}, called with the training item {shorten(item)}, {what}. "
            "It must give an item of the same kind over the symbols of the corpus, or leave the "
            "item as it is; 'seqgen check DOMAIN --only augment' looks at it without training"
        )


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}{error_place(error)}"


class _Epoch(NamedTuple):
    """The windows of an epoch, and which of them stand in each batch."""

    number: int
    store: TokenStore
    begins: NDArray[np.int64]
    lengths: NDArray[np.int32]
    #: Windows of each batch, batches in the order of training.
    groups: list[NDArray[np.int64]]
    #: The length that each batch is padded to.
    padded: NDArray[np.int64]


@final
class Batches:
    """The training batches of any epoch.

    Which windows stand in batch ``step`` of epoch ``epoch``, and how each item was augmented
    for that epoch, follows from the seed alone, so that training can be stopped and taken up
    at any step. Windows of like length share a batch; the order of batches is shuffled.

    Args:
        items: The training items; a generator will do, and is read once. ``StoredItems`` are
            encoded already: they are read where they lie, and cannot be augmented.
        encode: The fitted encoder's ``encode``.
        vocabulary: Gives the ids of the start and the end.
        batch_size: Windows a batch.
        window: Longest window in tokens.
        seed: See above.
        augment: ``augment(item, rng)``, or None.
        whose: The domain whose ``augment`` it is, as messages name it.
    """

    def __init__(
        self,
        items: Iterable[Any],
        encode: Callable[[Any], Encoded],
        vocabulary: Vocabulary,
        *,
        batch_size: int,
        window: int,
        seed: int,
        augment: Callable[[Any, Random], Any] | None = None,
        whose: str = "the domain",
    ) -> None:
        # Kept only where each epoch reads them again: a plain corpus lies in the store alone.
        self._items = list(items) if augment else []
        self._vocabulary, self._window, self._seed = vocabulary, window, seed
        self._augmentation = Augmentation(augment, encode, whose, seed) if augment else None
        assert not (augment and isinstance(items, StoredItems)), "no encoded items to augment"
        if not isinstance(items, StoredItems):
            items = StoredItems(map(encode, self._items or items), vocabulary)
        self._store, begins, lengths = items.cut(window)
        self._windows = begins, lengths
        self.steps = -(-len(self._windows[0]) // batch_size)
        self.longest = int(self._windows[1].max())
        self._at_once, self._lengths = 1, tuple[int, ...]()
        self._ready: _Epoch | None = None

    def arranged(self, at_once: int, lengths: int) -> Self:
        """The same windows in batches that come several of one shape.

        An epoch then has a multiple of ``at_once`` steps, the least that there were or more;
        the batches are that much smaller.

        Args:
            at_once: Steps whose batches have one shape.
            lengths: The most lengths that batches are padded to; 0 pads to the longest window
                of the steps at once. Lengths of augmented items may be more.
        """
        other = copy.copy(self)
        other.steps = -(self.steps // -at_once) * at_once
        other._at_once, other._ready = at_once, None
        windows = self._windows[1]
        longest = _longest(_split(np.argsort(windows, kind="stable"), other.steps), windows)
        other._lengths = padded_lengths(longest[at_once - 1 :: at_once], lengths)
        return other

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0 over all epochs: a function of (seed, step)."""
        number, place = divmod(step, self._at_once)
        return _part(self.block(number), place)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Exactly ``steps`` batches, the same for the same (seed, number)."""
        for block in self.blocks(number):
            for place in range(self._at_once):
                yield _part(block, place)

    def blocks(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch, those of ``at_once`` steps stacked: arrays ``(N, B, T)``."""
        count = self.steps // self._at_once
        return map(self.block, range(number * count, (number + 1) * count))

    def block(self, number: int) -> Batch:
        """The batches of ``at_once`` steps, counted from 0 over all epochs, stacked.

        Rows that fill up a batch weigh nothing.
        """
        at = number * self._at_once
        epoch, within = divmod(at, self.steps)
        if self._ready is None or self._ready.number != epoch:
            self._ready = self._order(epoch)
        ready, steps = self._ready, slice(within, within + self._at_once)
        groups = ready.groups[steps]
        # With fixed lengths the number of rows is fixed too, or shapes would be many again.
        rows = max(map(len, ready.groups if self._lengths else groups))
        windows = np.zeros((len(groups), rows), np.int64)
        real = np.zeros(windows.shape, bool)
        for place, group in enumerate(groups):
            windows[place, : len(group)], real[place, : len(group)] = group, True
        lengths = np.where(real, ready.lengths[windows], 0).astype(np.int32)
        flat = ready.store.batch(
            ready.begins[windows].ravel(), lengths.ravel(), int(ready.padded[within])
        )
        shape = (*windows.shape, -1)
        context = flat.context
        return Batch(
            flat.inputs.reshape(shape),
            flat.targets.reshape(shape),
            None if context is None else context.reshape(*shape[:2], *context.shape[1:]),
            flat.weights.reshape(shape),
        )

    def _order(self, number: int) -> _Epoch:
        store, (begins, lengths) = self._store, self._windows
        if self._augmentation is not None:
            versions = self._augmentation.encoded(self._items, number)
            store = TokenStore(versions, self._vocabulary)
            begins, lengths = store.cut(self._window)
        rng = np.random.Generator(np.random.Philox(key=[self._seed, number + 1]))
        shuffled = rng.permutation(len(begins))
        # Stable sort of a shuffled list: like lengths together, equal lengths in random order.
        by_length = shuffled[np.argsort(lengths[shuffled], kind="stable")]
        groups = _split(by_length, self.steps)
        longest = _longest(groups, lengths).reshape(-1, self._at_once).max(axis=1)
        padded = np.repeat(fitting(longest, self._lengths), self._at_once)
        # Batches of one padded length in random order, cut into blocks, blocks in random order.
        mixed = rng.permutation(self.steps)
        mixed = mixed[np.argsort(padded[mixed], kind="stable")].reshape(-1, self._at_once)
        order = mixed[rng.permutation(len(mixed))].ravel()
        return _Epoch(
            number, store, begins, lengths, [groups[place] for place in order], padded[order]
        )


def _split(windows: NDArray[np.int64], steps: int) -> list[NDArray[np.int64]]:
    """Windows in so many groups of like size; where they are fewer, some come again.

    Augmentation may shift the number of windows a little; the number of steps stays.
    """
    return np.array_split(np.resize(windows, max(len(windows), steps)), steps)


def _longest(groups: Sequence[NDArray[np.int64]], lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """The longest window of each group; it stands last, as groups are cut from a sorted list."""
    return np.array([lengths[group[-1]] for group in groups], np.int64)


def _part(block: Batch, place: int) -> Batch:
    """One batch of a block."""
    context = None if block.context is None else block.context[place]
    return Batch(block.inputs[place], block.targets[place], context, block.weights[place])
