"""TokenDataset: encoded items in a memory-mapped file, and windows of them as padded batches."""

from __future__ import annotations

import copy
import mmap
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, final, overload

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.errors import SeqgenError
from seqgen.models.padded_batch import Batch


@final
class TokenDataset(Sequence[Encoded]):
    """Encoded items whose tokens and context are in a memory-mapped file.

    The operating system keeps in memory only what is read. The file has no name and is deleted
    with the process. A subset shares it.

    An item is stored as the start token and its tokens, so each position is one prediction: of
    the token after it or, before the start of the next item, of the end token.

    Args:
        encoded: The items, read once and in order.
        vocabulary: Their vocabulary.
        folder: The folder of the file; None for the system's folder for temporary files.

    Raises:
        SeqgenError: The file cannot be written. Errors of ``encoded`` are not changed.
    """

    def __init__(
        self, encoded: Iterable[Encoded], vocabulary: Vocabulary, folder: Path | None = None
    ) -> None:
        self._start, self._end = vocabulary.start, vocabulary.end
        kind = np.min_scalar_type(self._start)
        offsets, columns = array("q", [0]), 0
        self._conditions: dict[int, object] = {}
        with _TemporaryFile(folder) as tokens, _TemporaryFile(folder) as context:
            for index, entry in enumerate(encoded):
                tokens.write(np.append(self._start, entry.tokens).astype(kind))
                offsets.append(offsets[-1] + len(entry.tokens) + 1)
                if entry.context is not None:
                    columns = entry.context.shape[1]
                    context.write(entry.context.astype(np.int32))
                if entry.condition is not None:
                    self._conditions[index] = entry.condition
            tokens.write(np.array([self._start], kind))
            self._maps = [tokens.map()]
            self._tokens = np.frombuffer(self._maps[0], kind)
            self._context: NDArray[np.int32] | None = None
            if columns:
                self._maps.append(context.map())
                self._context = np.frombuffer(self._maps[1], np.int32).reshape(-1, columns)
        #: The position of each item in the file, ``(items + 1,)``; the last one is the end.
        self._offsets: NDArray[np.int64] = np.frombuffer(offsets, np.int64)
        #: The indices of the items of a subset, ``(N,)``; None for all items.
        self._indices: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self._offsets) - 1 if self._indices is None else len(self._indices)

    @overload
    def __getitem__(self, index: int) -> Encoded: ...
    @overload
    def __getitem__(self, index: slice) -> TokenDataset: ...
    def __getitem__(self, index: int | slice) -> Encoded | TokenDataset:
        if isinstance(index, slice):
            return self.subset(range(len(self))[index])
        item = range(len(self))[index] if self._indices is None else int(self._indices[index])
        start, stop = int(self._offsets[item]), int(self._offsets[item + 1])
        context = None if self._context is None else np.array(self._context[start:stop])
        tokens = self._tokens[start + 1 : stop].astype(np.int32)
        return Encoded(tokens, context, self._conditions.get(item))

    def subset(self, indices: Sequence[int]) -> Self:
        """The items of these indices, in their order."""
        other, chosen = copy.copy(self), np.asarray(indices, np.int64)
        other._indices = chosen if self._indices is None else self._indices[chosen]
        return other

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each item, end token excluded, ``(N,)``."""
        sizes: NDArray[np.int64] = np.diff(self._offsets) - 1
        return sizes if self._indices is None else sizes[self._indices]

    @property
    def tokens(self) -> TokenSequences:
        """The token ids of each item, read from the file at each access."""
        return TokenSequences(self)

    def windows(self, length: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Cut the items into windows of at most ``length`` predictions.

        Returns:
            The position of each window for ``batch``, and its length, both ``(W,)``.
        """
        sizes, starts = self.lengths + 1, self._offsets[:-1]
        if self._indices is not None:
            starts = starts[self._indices]
        counts = -(-sizes // length)
        first = np.cumsum(counts) - counts
        within = (np.arange(counts.sum()) - np.repeat(first, counts)) * length
        lengths = np.minimum(np.repeat(sizes, counts) - within, length)
        return np.repeat(starts, counts) + within, lengths.astype(np.int32)

    def batch(
        self, starts: NDArray[np.int64], lengths: NDArray[np.int32], length: int | None = None
    ) -> Batch:
        """Windows in one batch, padded on the right as ``pad`` does.

        Args:
            starts: Positions from ``windows``, ``(..., B)``.
            lengths: Their lengths, ``(..., B)``; 0 for a row of padding.
            length: The length to pad to; None for the longest window.

        Returns:
            Arrays ``(..., B, T)``.
        """
        along = np.arange(int(lengths.max()) if length is None else length)
        lengths = lengths[..., None]
        real = along < lengths
        positions = starts[..., None] + np.minimum(along, np.maximum(lengths - 1, 0))
        inputs = np.where(real, self._tokens[positions], self._end).astype(np.int32)
        following = self._tokens[positions + 1]
        targets = np.where(real & (following != self._start), following, self._end)
        context = None
        if self._context is not None:
            context = np.where(real[..., None], self._context[positions], 0).astype(np.int32)
        return Batch(inputs, targets.astype(np.int32), context, real.astype(np.float32))

    def release(self) -> None:
        """Release the memory of the pages that were read; they are read again when needed.

        The system keeps them until it is short of memory: after an epoch, the entire file. Does
        nothing on a platform without ``madvise``.
        """
        unused = getattr(mmap, "MADV_DONTNEED", None)
        if unused is not None:
            for mapping in self._maps:
                mapping.madvise(unused)


@final
class TokenSequences(Sequence[Any]):
    """The token ids of the items of a dataset, int32 ``(T,)`` each."""

    def __init__(self, dataset: TokenDataset) -> None:
        self._dataset = dataset

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, index: Any) -> Any:
        return self._dataset[index].tokens


class _TemporaryFile:
    """A temporary file without a name; an error of writing it names the remedy."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder or Path(tempfile.gettempdir())
        with self._check():
            self._file: Any = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 closed in __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # closing after a failed write fails again
            self._file.close()

    def write(self, values: NDArray[Any]) -> None:
        with self._check():
            self._file.write(values.tobytes())

    def map(self) -> mmap.mmap:
        with self._check():
            self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    @contextmanager
    def _check(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SeqgenError(
                f"cannot write the training tokens to {self._folder}: {error}; free space there "
                "or set TMPDIR to another folder"
            ) from None
