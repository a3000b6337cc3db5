"""StoredItems: encoded items that lie in a token store and are made again when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, final, overload

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.training.token_store import TokenStore


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
