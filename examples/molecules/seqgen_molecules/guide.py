"""The guide for SMILES: branches, ring closures, valences and bonds of aromatic rings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import seqgen
from seqgen_molecules.place import Place, alive, bound, closed, opened, ringed, with_bond
from seqgen_molecules.symbols import BONDS, element_of

#: Number of tokens after which a molecule is led to its end.
LONGEST = 120


@final
class SmilesGuide(seqgen.RuleGuide[Place]):
    """Allows SMILES with closed branches and rings and valid valences.

    Aromatic atoms are allowed only while double bonds can be placed in their rings, and every
    aromatic atom is in a ring. Rings open and close within one branch, and atoms are bound to
    ancestors only, as every program writes them. After ``LONGEST`` tokens only tokens that lead
    to the end of the molecule are allowed.

    Args:
        vocabulary: The tokens, including "C", "c", "=", "O" and "1".
    """

    looks_ahead = False  # ``alive`` does it, from the contents of a place

    def __init__(self, vocabulary: seqgen.Vocabulary) -> None:
        self._elements = {symbol: element_of(symbol) for symbol in vocabulary.symbols}
        self._digits = [symbol for symbol in vocabulary.symbols if symbol[-1].isdigit()]
        super().__init__(vocabulary, max_tokens=3 * LONGEST, home_after=LONGEST)

    def first(self) -> Place:
        return Place()

    def kind(self, symbol: str) -> object:
        return self._elements[symbol] or symbol

    def homeward(self, place: Place) -> list[str]:
        aromatic = any(place.ring_of(ring.atom) for ring in place.rings)
        return [*(ring.digit for ring in place.rings), ")", *["c"] * aromatic, "C", "=", "O"]

    def may_end(self, place: Place) -> bool:
        waiting = place.branches or place.rings or place.bond or place.must or place.loose
        return bool(place.now and not waiting) and frozenset() in place.ways

    def after(self, place: Place, symbol: str) -> Iterator[Place]:
        for after in filter(None, [self._moved(place, symbol)]):
            # An aromatic atom must open or close a ring now.
            if not after.must or any(self._moved(after, digit) for digit in self._digits):
                yield after

    def _moved(self, place: Place, symbol: str) -> Place | None:
        """The place after a symbol; None if it is not allowed or leads to a dead end."""
        after = self._read(place, symbol)
        return after and alive(after)

    def _read(self, place: Place, symbol: str) -> Place | None:
        element = self._elements[symbol]
        if element:
            return None if place.must else bound(place, element)
        if symbol[-1].isdigit():
            return ringed(place, symbol)
        if not place.now or place.must or place.bond:
            return None
        if symbol in BONDS:
            return with_bond(place, BONDS[symbol])
        if symbol == ".":
            return Place(place.atoms, place.free) if self.may_end(place) else None
        return {"(": opened, ")": closed}.get(symbol, lambda _: None)(place)
