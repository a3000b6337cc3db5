"""TokenStore: all tokens of a corpus in one memory-mapped array."""

from __future__ import annotations

import mmap
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, final, overload

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SeqgenError
from seqgen.models.batch import Batch


@final
class TokenStore:
    """Encoded items as one mapped array, of which the system keeps in memory what is read.

    Each item stands as the start token and its tokens, so every place is one prediction: of the
    token behind it or, where the next item starts, of the end token. The file has no name and
    is gone with the process.

    Args:
        encoded: The items, read once and in order; a generator will do.
        vocabulary: Gives the ids of the start and the end.
        folder: Where the file lies; None is the system's folder for temporary files.

    Raises:
        SeqgenError: The file cannot be written. What ``encoded`` raises passes as it is.
    """

    def __init__(
        self, encoded: Iterable[Encoded], vocabulary: Vocabulary, folder: Path | None = None
    ) -> None:
        self._start, self._end = vocabulary.start, vocabulary.end
        kind = np.min_scalar_type(self._start)
        offsets, columns = array("q", [0]), 0
        with _Scratch(folder) as tokens, _Scratch(folder) as context:
            for entry in encoded:
                tokens.write(np.append(self._start, entry.tokens).astype(kind))
                offsets.append(offsets[-1] + len(entry.tokens) + 1)
                if entry.context is not None:
                    columns = entry.context.shape[1]
                    context.write(entry.context.astype(np.int32))
            tokens.write(np.array([self._start], kind))
            self._maps = [tokens.mapped()]
            self._tokens = np.frombuffer(self._maps[0], kind)
            self._context: NDArray[np.int32] | None = None
            if columns:
                self._maps.append(context.mapped())
                self._context = np.frombuffer(self._maps[1], np.int32).reshape(-1, columns)
        #: Where each item begins, shape ``(items + 1,)`` int64; the last is where all end.
        self.offsets: NDArray[np.int64] = np.frombuffer(offsets, np.int64)

    def item(self, place: int) -> tuple[NDArray[np.int32], NDArray[np.int32] | None]:
        """One item as it was given: its tokens ``(T,)`` and its context ``(T + 1, C)``.

        Args:
            place: Counted from 0.
        """
        begin, end = int(self.offsets[place]), int(self.offsets[place + 1])
        context = None if self._context is None else np.array(self._context[begin:end])
        return self._tokens[begin + 1 : end].astype(np.int32), context

    def release(self) -> None:
        """Give the pages that were read back to the system, which reads them again when asked.

        Pages of a mapped file stay in the memory of the process until the system needs the room:
        after an epoch that is all of the file, though what follows reads little of it. Nothing
        happens where the platform has no way to say so.
        """
        unused = getattr(mmap, "MADV_DONTNEED", None)
        if unused is not None:
            for mapping in self._maps:
                mapping.madvise(unused)

    def cut(
        self, length: int, places: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The windows of at most ``length`` predictions: where each begins, and its length.

        Args:
            length: The bound.
            places: Which items, in their order; None for all.
        """
        sizes, starts = np.diff(self.offsets), self.offsets[:-1]
        if places is not None:
            sizes, starts = sizes[places], starts[places]
        counts = -(-sizes // length)
        first = np.cumsum(counts) - counts
        within = (np.arange(counts.sum()) - np.repeat(first, counts)) * length
        begins = np.repeat(starts, counts) + within
        lengths = np.minimum(np.repeat(sizes, counts) - within, length)
        return begins, lengths.astype(np.int32)

    def batch(
        self, begins: NDArray[np.int64], lengths: NDArray[np.int32], length: int | None = None
    ) -> Batch:
        """Windows side by side, padded on the right as ``pad`` does.

        Args:
            begins: Shape ``(B,)``, from ``cut``.
            lengths: Likewise; 0 for a row of nothing but padding.
            length: What to pad to; None for the longest of the lengths.
        """
        along = np.arange(int(lengths.max()) if length is None else length)
        real = along < lengths[:, None]
        places = begins[:, None] + np.minimum(along, np.maximum(lengths[:, None] - 1, 0))
        inputs = np.where(real, self._tokens[places], self._end).astype(np.int32)
        following = self._tokens[places + 1]
        targets = np.where(real & (following != self._start), following, self._end)
        context = None
        if self._context is not None:
            context = np.where(real[..., None], self._context[places], 0).astype(np.int32)
        return Batch(inputs, targets.astype(np.int32), context, real.astype(np.float32))


class _Scratch:
    """A nameless file of arrays, whose failures to write are told as the user's to mend."""

    def __init__(self, folder: Path | None) -> None:
        self._where = folder or Path(tempfile.gettempdir())
        with self._told():
            self._file: Any = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 closed in __exit__

    def __enter__(self) -> _Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        # After a failed write, closing tries again what did not fit; it was told once.
        with suppress(OSError):
            self._file.close()

    def write(self, values: NDArray[Any]) -> None:
        with self._told():
            self._file.write(values.tobytes())

    def mapped(self) -> mmap.mmap:
        with self._told():
            self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SeqgenError(
                f"cannot write the training tokens to {self._where}: {error}; free space there "
                "or set TMPDIR to another folder"
            ) from None


@final
class StoredItems(Sequence[Encoded]):
    """Encoded items in a row, of which a mapped file holds the tokens and the context.

    An item that is read is made anew each time, equal to the one that was given; of a part of
    the items only the places are kept.

    Args:
        encoded: The items, read once and in order.
        vocabulary: Their vocabulary.
    """

    def __init__(self, encoded: Iterable[Encoded], vocabulary: Vocabulary) -> None:
        self._conditions: dict[int, object] = {}
        self._store = TokenStore(self._noted(encoded), vocabulary)
        #: Which items of the store these are, ``(N,)``; None for all of them in a row.
        self._places: NDArray[np.int64] | None = None

    def _noted(self, encoded: Iterable[Encoded]) -> Iterator[Encoded]:
        """The items as they pass, the conditions of those that have one kept."""
        for place, entry in enumerate(encoded):
            if entry.condition is not None:
                self._conditions[place] = entry.condition
            yield entry

    def part(self, places: Sequence[int]) -> StoredItems:
        """Some of the items, in the order of the places given."""
        part = StoredItems.__new__(StoredItems)
        part._conditions, part._store = self._conditions, self._store
        chosen = np.asarray(places, np.int64)  # of an array of 8 bytes a place, no copy
        part._places = chosen if self._places is None else self._places[chosen]
        return part

    def cut(self, length: int) -> tuple[TokenStore, NDArray[np.int64], NDArray[np.int32]]:
        """The store and, for its ``batch``, the windows of these items: see ``TokenStore.cut``."""
        return self._store, *self._store.cut(length, self._places)

    def release(self) -> None:
        """Give the pages of the file that were read back: see ``TokenStore.release``."""
        self._store.release()

    @overload
    def __getitem__(self, index: int) -> Encoded: ...
    @overload
    def __getitem__(self, index: slice) -> StoredItems: ...
    def __getitem__(self, index: int | slice) -> Encoded | StoredItems:
        if isinstance(index, slice):
            return self.part(range(*index.indices(len(self))))
        place = range(len(self))[index] if self._places is None else int(self._places[index])
        tokens, context = self._store.item(place)
        return Encoded(tokens, context, self._conditions.get(place))

    def __len__(self) -> int:
        return len(self._store.offsets) - 1 if self._places is None else len(self._places)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each item, end token not counted, ``(N,)``."""
        sizes: NDArray[np.int64] = np.diff(self._store.offsets)
        return (sizes if self._places is None else sizes[self._places]) - 1

    @property
    def tokens(self) -> Tokens:
        """The token ids of each item alone, made anew each time they are gone through."""
        return Tokens(self)


@final
class Tokens(Sequence[Any]):
    """The token ids of stored items, ``(T,)`` int32 each.

    Args:
        items: The items.
    """

    def __init__(self, items: StoredItems) -> None:
        self._items = items

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Tokens(self._items[index])
        return self._items[index].tokens

    def __len__(self) -> int:
        return len(self._items)
