"""SmilesGuide: brackets, ring closures and valences of SMILES, aromatic rings with their bonds."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import seqgen
from seqgen_molecules.place import Place, alive, bound, closed, opened, ringed, with_bond
from seqgen_molecules.symbols import BONDS, atom_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Tokens after which a molecule is only brought to its end.
LONGEST = 120


@final
class SmilesGuide(seqgen.RowGuide[Place]):
    """Allows SMILES whose branches and rings are closed and whose valences are kept.

    Aromatic atoms are taken only as long as double bonds can be placed in their rings, and
    every one is in a ring. Rings open and close within one branch, and atoms are bound to
    ancestors only, as every program writes them. From ``LONGEST`` tokens on only what
    brings the molecule to its end is allowed.

    Args:
        vocabulary: The tokens; "C", "c", "=", "O" and "1" are among them.
    """

    def __init__(self, vocabulary: seqgen.Vocabulary) -> None:
        self._symbols = vocabulary.symbols
        self._atoms = {symbol: atom_of(symbol) for symbol in self._symbols}
        self._digits = [symbol for symbol in self._symbols if symbol[-1].isdigit()]
        self._masks: dict[Place, NDArray[np.bool_]] = {}
        self.max_tokens = 3 * LONGEST

    def row_start(self) -> Place:
        return Place()

    def row_advance(self, state: Place, token: int) -> Place:
        if token == len(self._symbols):
            return state
        place = self._after(state, self._symbols[token])
        # A row that was given tokens from outside (a prompt) may break the rules: it stays.
        return state if place is None else place

    def row_allowed(self, state: Place) -> NDArray[np.bool_]:
        import numpy as np

        mask = self._masks.get(state)
        if mask is None:
            names = self._names(state)
            mask = np.array([*(s in names for s in self._symbols), self._may_end(state)])
            if len(self._masks) > 20_000:
                self._masks.clear()
            self._masks[state] = mask
        return mask

    def _names(self, place: Place) -> set[str]:
        """The symbols that may come next, the end left aside."""
        done: dict[object, bool] = {}  # atoms of one kind and unused digits are all alike
        used = {ring.digit for ring in place.rings}
        names = set()
        for symbol in self._symbols:
            kind: object = self._atoms[symbol] or symbol
            if symbol[-1].isdigit() and symbol not in used:
                kind = "digit"
            if kind not in done:
                done[kind] = self._after(place, symbol) is not None
            if done[kind]:
                names.add(symbol)
        return names if place.tokens < LONGEST else self._ending(place, names)

    def _ending(self, place: Place, names: set[str]) -> set[str]:
        """Of the symbols allowed only what comes nearer to the end."""
        if self._may_end(place):
            return set()
        aromatic = any(place.atoms[ring.atom - 1].ring for ring in place.rings)
        closing = {ring.digit for ring in place.rings}
        for wanted in (closing, {")"}, {"c"} if aromatic else set(), {"C"}, {"="}, {"O"}):
            if names & wanted:
                return names & wanted
        return names

    @staticmethod
    def _may_end(place: Place) -> bool:
        waiting = (
            place.branches
            or place.rings
            or place.bond
            or place.must
            or place.loose
            or not place.now
        )
        return not waiting and frozenset() in place.ways

    def _after(self, place: Place, symbol: str) -> Place | None:
        """The place after a symbol; None when the symbol may not come here."""
        atom = self._atoms[symbol]
        place = place._replace(tokens=place.tokens + 1)
        if atom is not None:
            after = None if place.must else bound(place, atom)
        elif symbol[-1].isdigit():
            after = ringed(place, symbol)
        elif not place.now or place.must or place.bond:
            after = None
        elif symbol in BONDS:
            after = with_bond(place, BONDS[symbol])
        elif symbol == ".":
            ways = frozenset([frozenset[int]()])
            after = Place(place.tokens, place.atoms, place.free, ways=ways)
            after = after if self._may_end(place) else None
        else:
            after = {"(": opened, ")": closed}.get(symbol, lambda _: None)(place)
        after = after and alive(after)
        if after and after.must and not any(self._after(after, digit) for digit in self._digits):
            return None
        return after
