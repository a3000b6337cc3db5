"""SymbolEncoder, for items that are sequences of symbols; CharEncoder and RegexEncoder."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast, final

from seqgen.domains.encoder import Encoded, Encoder, Vocabulary
from seqgen.errors import DataError, UnknownSymbol

Item = TypeVar("Item")


class SymbolEncoder(Encoder[Item]):
    """One token for each symbol of an item, without context or condition.

    A subclass defines how an item is split into symbols and joined again. The round trip is exact
    if ``item(symbols(x)) == x``.
    """

    name = "symbols"
    #: Symbols that are always in the vocabulary, even if no item contains them.
    always: ClassVar[Sequence[str]] = ()

    @abstractmethod
    def symbols(self, item: Item) -> Sequence[str]:
        """Return the symbols of an item, in their order."""

    @abstractmethod
    def item(self, symbols: Sequence[str]) -> Item:
        """Return the item with these symbols; must accept everything that a guide allows."""

    def fit(self, items: Iterable[Item]) -> Self:
        found = {symbol for item in items for symbol in self.symbols(item)}
        # Without items the vocabulary is empty, which is an error.
        return type(self)(self.options, Vocabulary.learn([found, self.always if found else ()]))

    def encode(self, item: Item) -> Encoded:
        import numpy as np

        tokens = list(map(self.vocabulary.id, self.symbols(item)))
        return Encoded(np.array(tokens, dtype=np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> Item:
        symbols = self.vocabulary.symbols
        return self.item([symbols[token] for token in tokens])

    def prompt(self, text: str) -> list[int]:
        """Return the tokens of a typed prompt.

        If items are text, ``text`` is the start of one; otherwise it consists of symbols separated
        by spaces.

        Raises:
            UnknownSymbol: Names the unknown symbol, the most similar known ones, and how symbols
                are separated.
        """
        separated, symbols = text.split(), self._split_text(text)
        how = f"{text[:40]!r} was split by {type(self).__name__}.symbols()"
        if symbols is None:
            symbols, how = separated, "separate symbols by spaces"
        elif not all(symbol in self.vocabulary for symbol in symbols) and all(
            symbol in self.vocabulary for symbol in separated
        ):
            symbols = separated
        try:
            return list(map(self.vocabulary.id, symbols))
        except UnknownSymbol as error:
            raise UnknownSymbol(f"{error}; {how}") from None

    def _split_text(self, text: str) -> Sequence[str] | None:
        """Return the symbols of a text that is an item of this encoder; None if it is none."""
        try:
            symbols = self.symbols(cast("Item", text))
            joined: object = self.item(symbols)
        except Exception:
            return None  # symbols() of items that are not text may raise any error
        return symbols if isinstance(joined, str) and joined == text else None

    def to_json(self) -> dict[str, Any]:
        return {"symbols": list(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(vocabulary=Vocabulary(tuple(saved["symbols"])))


class RegexEncoder(SymbolEncoder[str]):
    """One token for each match of a pattern.

    A subclass defines only the pattern. The round trip is exact: if the pattern does not match all
    of a text, ``symbols`` raises a ``DataError`` with the first column that does not match.
    """

    name = "regex"
    #: The pattern of one symbol, without groups; symbols are matched from left to right.
    pattern: ClassVar[str]
    #: The separator between two symbols.
    between: ClassVar[str] = ""

    def symbols(self, item: str) -> Sequence[str]:
        found = re.findall(self.pattern, item)
        again = self.item(found)
        if again != item:
            pairs = ((again[n : n + 1], item[n : n + 1]) for n in range(len(item)))
            at = next((n for n, (one, other) in enumerate(pairs) if one != other), len(item))
            raise DataError(
                f"{item[:60]!r} does not consist of symbols of {type(self).__name__}; no match "
                f"from column {at + 1}: {item[at : at + 20]!r}"
            )
        return found

    def item(self, symbols: Sequence[str]) -> str:
        return self.between.join(symbols)

    def prompt(self, text: str) -> list[int]:
        return [self.vocabulary.id(symbol) for symbol in self.symbols(text)]


@final
class CharEncoder(SymbolEncoder[str]):
    """One token for each Unicode code point, without folding or normalisation.

    Args:
        options: Not used.
        vocabulary: The alphabet; None for a new encoder.
    """

    name, aliases = "characters", ("char_encoder.CharEncoder",)

    def symbols(self, item: str) -> Sequence[str]:
        return item

    def item(self, symbols: Sequence[str]) -> str:
        return "".join(symbols)

    def encode(self, item: str) -> Encoded:
        import numpy as np

        return Encoded(np.array(self.prompt(item), dtype=np.int32))

    def to_json(self) -> dict[str, Any]:
        return {"alphabet": "".join(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(vocabulary=Vocabulary(tuple(saved["alphabet"])))

    def prompt(self, text: str) -> list[int]:
        try:
            return list(map(self.vocabulary.id, text))
        except UnknownSymbol as error:
            message = f"{error} (in {text if len(text) <= 40 else f'{text[:37]}...'!r})"
            lower = text.lower()
            if all(character in self.vocabulary for character in lower):
                message += f"; this model knows lower case only: {lower!r}"
            raise UnknownSymbol(message) from None
