"""Training batches as a pure function of the seed and the step."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.errors import PluginError
from seqgen.models.padded_batch import Batch
from seqgen.registry.load_plugin import error_place, shorten
from seqgen.training.token_dataset import TokenDataset

#: How many lengths are compared to find the best few.
_GRID = 64


@final
class Batches:
    """The training batches of any epoch.

    Items are cut into windows. Windows of similar length share a batch (bucketing), and the order
    of batches is shuffled. The windows of a batch, and the augmentation of each item, depend on
    the seed and the epoch only, so training can stop and resume at any step.

    Batches come in stacks: arrays ``(N, B, T)``, the batches of ``N`` steps that run in one call
    of the backend. ``N`` is 1 unless ``stacked`` changes it.

    Args:
        items: The training items, read once. A ``TokenDataset`` is encoded already, so it cannot
            be augmented.
        encode: ``encode`` of the fitted encoder.
        vocabulary: The vocabulary of the items.
        batch_size: Windows per batch.
        window: Maximum length of a window in tokens.
        seed: The seed of order and augmentation.
        augment: ``augment(item, rng)`` of the domain, or None.
        owner: The domain of ``augment`` as error messages name it.
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
        owner: str = "the domain",
    ) -> None:
        assert not (augment and isinstance(items, TokenDataset)), "encoded items are not augmented"
        # Only augmentation reads the items again; otherwise the dataset suffices.
        self._items = list(items) if augment else []
        self._augmentation = Augmentation(augment, encode, owner, seed) if augment else None
        if not isinstance(items, TokenDataset):
            items = TokenDataset(map(encode, self._items or items), vocabulary)
        self._dataset, self._vocabulary, self._window, self._seed = items, vocabulary, window, seed
        self._starts, self._lengths = items.windows(window)
        #: Steps per epoch, a multiple of the batches in a stack.
        self.steps = -(-len(self._lengths) // batch_size)
        #: The length of the longest window.
        self.longest = int(self._lengths.max())
        self._stack_size, self._padded_lengths = 1, tuple[int, ...]()
        self._epoch: _Epoch | None = None

    def stacked(self, size: int, max_lengths: int) -> Self:
        """The same windows in stacks of ``size`` batches of one shape.

        The number of steps is rounded up to a multiple of ``size``, and batches become smaller.

        Args:
            size: Batches per stack.
            max_lengths: Maximum number of different lengths that stacks are padded to; 0 pads
                each to its longest window. Longer windows after augmentation keep their length.
        """
        other = copy.copy(self)
        other.steps = -(self.steps // -size) * size
        other._stack_size, other._epoch = size, None
        groups = _split(np.argsort(self._lengths, kind="stable"), other.steps)
        longest = _longest(groups, self._lengths)[size - 1 :: size]
        other._padded_lengths = choose_lengths(longest, max_lengths)
        return other

    def stacks(self, epoch: int) -> Iterator[Batch]:
        """The stacks of an epoch, counted from 0."""
        count = self.steps // self._stack_size
        return map(self.stack, range(epoch * count, (epoch + 1) * count))

    def stack(self, number: int) -> Batch:
        """A stack, counted from 0 over all epochs: arrays ``(N, B, T)``.

        Rows and positions that only fill up the arrays have weight 0.
        """
        epoch_number, first = divmod(number * self._stack_size, self.steps)
        if self._epoch is None or self._epoch.number != epoch_number:
            self._epoch = self._make_epoch(epoch_number)
        epoch = self._epoch
        groups = epoch.groups[first : first + self._stack_size]
        # For few shapes in total, few padded lengths need a fixed number of rows too.
        rows = max(map(len, epoch.groups if self._padded_lengths else groups))
        windows = np.zeros((len(groups), rows), np.int64)
        real = np.zeros(windows.shape, bool)
        for row, group in enumerate(groups):
            windows[row, : len(group)], real[row, : len(group)] = group, True
        lengths = np.where(real, epoch.lengths[windows], 0).astype(np.int32)
        return epoch.dataset.batch(epoch.starts[windows], lengths, int(epoch.padded[first]))

    def _make_epoch(self, number: int) -> _Epoch:
        dataset, starts, lengths = self._dataset, self._starts, self._lengths
        if self._augmentation is not None:
            augmented = self._augmentation.encode_items(self._items, number)
            dataset = TokenDataset(augmented, self._vocabulary)
            starts, lengths = dataset.windows(self._window)
        rng = np.random.Generator(np.random.Philox(key=[self._seed, number + 1]))
        shuffled = rng.permutation(len(lengths))
        # The sort is stable: windows of one length stay in random order.
        groups = _split(shuffled[np.argsort(lengths[shuffled], kind="stable")], self.steps)
        longest = _longest(groups, lengths).reshape(-1, self._stack_size).max(axis=1)
        padded = np.repeat(round_up(longest, self._padded_lengths), self._stack_size)
        # Shuffle the batches of each padded length, stack them, and shuffle the stacks.
        order = rng.permutation(self.steps)
        order = order[np.argsort(padded[order], kind="stable")].reshape(-1, self._stack_size)
        order = order[rng.permutation(len(order))].ravel()
        return _Epoch(
            number, dataset, starts, lengths, [groups[step] for step in order], padded[order]
        )


class _Epoch(NamedTuple):
    """The windows of an epoch and their batches."""

    number: int
    dataset: TokenDataset
    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]
    #: The indices of the windows of each batch.
    groups: list[NDArray[np.int64]]
    #: The length that each batch is padded to.
    padded: NDArray[np.int64]


def _split(windows: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """Windows in ``count`` groups of similar size; if there are fewer windows, some repeat.

    Augmentation may change the number of windows, but not that of steps.
    """
    return np.array_split(np.resize(windows, max(len(windows), count)), count)


def _longest(groups: Sequence[NDArray[np.int64]], lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """The longest window of each group, which is the last one, as windows are sorted."""
    return np.array([lengths[group[-1]] for group in groups], np.int64)


def choose_lengths(longest: NDArray[np.int64], count: int) -> tuple[int, ...]:
    """The lengths with the least padding in total, so that a compiler sees few shapes.

    Args:
        longest: The length of the longest window of every stack, ``(N,)``.
        count: Maximum number of lengths; 0 for none.

    Returns:
        At most ``count`` lengths, ascending.
    """
    if not count:
        return ()
    step = -(int(longest.max()) // -_GRID)
    rounded = np.minimum(-(longest // -step) * step, longest.max())
    sizes, counts = np.unique(rounded, return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)])
    # best[j]: the least sum of lengths for the stacks up to size j, and the lengths chosen.
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    best += [(int(size * below[j + 1]), (int(size),)) for j, size in enumerate(sizes)]
    for _ in range(count - 1):
        best = [best[0]] + [
            min(
                (best[i][0] + int(size * (below[j + 1] - below[i])), (*best[i][1], int(size)))
                for i in range(j + 1)
            )
            for j, size in enumerate(sizes)
        ]
    return best[-1][1]


def round_up(values: NDArray[np.int64], lengths: Sequence[int]) -> NDArray[np.int64]:
    """Round values up to the next of some ascending lengths; larger values stay as they are."""
    if not lengths:
        return values
    known = np.array(lengths)
    indices = np.minimum(np.searchsorted(known, values), len(known) - 1)
    rounded: NDArray[np.int64] = np.maximum(known[indices], values)
    return rounded


@final
@dataclass(frozen=True, slots=True, eq=False)
class Augmentation:
    """Augmented versions of the training items, one per epoch.

    Args:
        augment: ``augment(item, rng)`` of a domain.
        encode: ``encode`` of the fitted encoder.
        owner: The domain as error messages name it.
        seed: The seed.
    """

    augment: Callable[[Any, Random], Any]
    encode: Callable[[Any], Encoded]
    owner: str
    seed: int

    def encode_items(self, items: Iterable[Any], epoch: int) -> Iterator[Encoded]:
        """Augment and encode the items: a function of the seed, the epoch and the item's index.

        Raises:
            PluginError: ``augment`` raises, or returns an item that cannot be encoded or is empty.
        """
        for index, item in enumerate(items):
            # Random hashes a string seed in the same way in every process.
            yield self._encode_item(item, Random(f"{self.seed}/{epoch}/{index}"))

    def _encode_item(self, item: Any, rng: Random) -> Encoded:
        try:
            augmented = self.augment(item, rng)
        except Exception as error:
            raise self._error(item, f"raised {_describe(error)}") from error
        try:
            encoded = self.encode(augmented)
        except Exception as error:
            problem = f"returned {shorten(augmented)}, which encode() refuses: {_describe(error)}"
            raise self._error(item, problem) from error
        if not len(encoded.tokens) and len(self.encode(item).tokens):
            raise self._error(item, f"returned {shorten(augmented)}, which is empty")
        return encoded

    def _error(self, item: Any, problem: str) -> PluginError:
        return PluginError(
            f"augment() of {self.owner}, called with the training item {shorten(item)}, {problem}. "
            "It must return an item of the same kind with symbols of the corpus, or the item "
            "unchanged; 'seqgen check DOMAIN --only augment' tests it without training"
        )


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}{error_place(error)}"
