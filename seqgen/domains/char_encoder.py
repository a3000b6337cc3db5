"""CharEncoder: one token for each character of a text; the alphabet comes from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self, final

from seqgen.domains.encoder import Encoded
from seqgen.domains.symbol_encoder import SymbolEncoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import UnknownSymbol


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
