"""Vocabulary: the ordered symbols of a domain, with the ids of the end and the start."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from seqgen.errors import DataError, UnknownSymbol


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The symbols of a domain; the index of a symbol is its token id.

    Ids ``0`` to ``end - 1`` are the symbols in their order. ``end`` ends an item and is the last
    id that a model predicts. ``start``, the next one, is read before the first token and never
    predicted.

    Raises:
        DataError: There is no symbol, a symbol occurs twice, or one is not a string.
    """

    symbols: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_strings(self.symbols)
        ids = {symbol: number for number, symbol in enumerate(self.symbols)}
        if not ids:
            raise DataError("the vocabulary is empty: the corpus contains no symbols")
        if len(ids) != len(self.symbols):
            twice = sorted({s for s in self.symbols if self.symbols.count(s) > 1})
            raise DataError(f"symbols occur twice in the vocabulary: {twice[:5]}")
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def learn(cls, sequences: Iterable[Iterable[str]]) -> Vocabulary:
        """Return all symbols of the sequences, sorted, so that ids are equal in every process."""
        found = {symbol for sequence in sequences for symbol in sequence}
        _check_strings(found)
        return cls(tuple(sorted(found)))

    @property
    def end(self) -> int:
        """The id of the end token."""
        return len(self.symbols)

    @property
    def start(self) -> int:
        """The id that a model reads before the first token."""
        return len(self.symbols) + 1

    @property
    def size(self) -> int:
        """The number of ids that a model predicts: the symbols and the end token."""
        return len(self.symbols) + 1

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._ids

    def id(self, symbol: str) -> int:
        """Return the token id of a symbol.

        Raises:
            UnknownSymbol: Names the symbol and the most similar known ones.
        """
        try:
            return self._ids[symbol]
        except KeyError:
            raise UnknownSymbol(
                f"unknown symbol {symbol!r}; nearest known: {self._nearest(symbol)}"
            ) from None

    def _nearest(self, symbol: str) -> str:
        close = difflib.get_close_matches(symbol, self.symbols, n=3, cutoff=0.3)
        folded = [s for s in self.symbols if s.casefold() == symbol.casefold()]
        by_code = sorted(
            self.symbols, key=lambda s: abs(ord(s[:1] or "\0") - ord(symbol[:1] or "\0"))
        )
        nearest = list(dict.fromkeys([*folded, *close, *by_code]))[:3]
        return ", ".join(repr(s) for s in nearest)


def _check_strings(symbols: Iterable[object]) -> None:
    if isinstance(symbols, str):
        raise DataError(
            f"symbols must be a tuple of strings, was {symbols[:40]!r}; pass tuple(...)"
        )
    for symbol in symbols:
        if not isinstance(symbol, str):
            raise DataError(
                f"a symbol must be a string, was {symbol!r} ({type(symbol).__name__}); "
                "convert it with str(...)"
            )
