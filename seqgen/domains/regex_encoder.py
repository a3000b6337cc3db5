"""RegexEncoder: the abstract encoder of text whose symbols a regular expression finds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from seqgen.domains.symbol_encoder import SymbolEncoder
from seqgen.errors import DataError


class RegexEncoder(SymbolEncoder[str]):
    """One token for each match of a pattern; together again the matches are the item.

    A subclass gives the pattern and nothing else. The round trip is exact: text that the
    pattern does not cover is refused by a ``DataError`` that names the first such place.
    """

    #: What one symbol looks like; matched from left to right, without groups.
    pattern: ClassVar[str]
    #: What stands between two symbols, and is no symbol itself.
    between: ClassVar[str] = ""

    def symbols(self, item: str) -> Sequence[str]:
        found = re.findall(self.pattern, item)
        again = self.item(found)
        if again != item:
            alike = zip(again + "\0", item + "\0", strict=False)
            at = next((n for n, (one, other) in enumerate(alike) if one != other), len(again))
            raise DataError(
                f"{item[:60]!r} is not made of symbols of {type(self).__name__}: it is not "
                f"understood from column {at + 1} on, {item[at : at + 20]!r}"
            )
        return found

    def item(self, symbols: Sequence[str]) -> str:
        return self.between.join(symbols)

    def prompt(self, text: str) -> list[int]:
        return [self.vocabulary.id(symbol) for symbol in self.symbols(text)]
