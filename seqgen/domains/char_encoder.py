"""CharEncoder: one token for each character of a text; the alphabet comes from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, final

from seqgen.domains.symbol_encoder import SymbolEncoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import UnknownSymbol

if TYPE_CHECKING:
    from seqgen.domains.encoder import Encoded


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
        try:
            return super().encode(item)
        except UnknownSymbol as error:
            raise _with_text(error, item, self.vocabulary) from None

    def to_json(self) -> dict[str, Any]:
        return {"alphabet": "".join(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(vocabulary=Vocabulary(tuple(saved["alphabet"])))

    def prompt(self, text: str) -> list[int]:
        try:
            return [self.vocabulary.id(character) for character in text]
        except UnknownSymbol as error:
            raise _with_text(error, text, self.vocabulary) from None


def _with_text(error: UnknownSymbol, text: str, alphabet: Vocabulary) -> UnknownSymbol:
    shown = text if len(text) <= 40 else text[:37] + "..."
    known = text.lower()
    if all(character in alphabet for character in known):
        return UnknownSymbol(f"{error} (in {shown!r}); this model knows lower case only: {known!r}")
    return UnknownSymbol(f"{error} (in {shown!r})")
