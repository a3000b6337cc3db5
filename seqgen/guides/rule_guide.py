"""RuleGuide: a guide written as one rule; masks, guesses and the look-ahead are made here."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, final

from seqgen.domains.guide import RowGuide
from seqgen.errors import SeqgenError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.domains.vocabulary import Vocabulary

Place = TypeVar("Place", bound=Hashable)
#: How many answers are kept before all are forgotten and found anew.
_KEPT = 50_000


class RuleGuide(RowGuide[tuple[int, frozenset[Place]]], Generic[Place]):
    """A guide whose grammar is one function from a place and a symbol to the places after it.

    A place is an immutable value that holds all that matters for what may follow: a named
    tuple, say. A rule may guess: it gives several places, and a row is then at all of them
    at once until a later symbol shows which guesses were right (the subsets of Rabin and
    Scott 1959, made only where a row comes along).

    A symbol is allowed only if from some place after it an item can still end. That is found
    by walking the rule itself, and every answer is kept, so rows meet no dead ends whatever
    the rule is, and the rule need not look ahead (``looks_ahead`` is for one that does). A row
    that takes a token it is not allowed, or the end token, is allowed nothing after it.

    Args:
        vocabulary: The symbols.
        max_tokens: A number of tokens within which the rule ends every item, if there is one.
        home_after: From so many tokens on a row is led to its end, by ``homeward``; for rules
            that would let an item go on for ever.
    """

    #: The most places that are walked to find one end.
    furthest: ClassVar[int] = 100_000
    #: False where the rule itself lets nothing come that leads nowhere.
    looks_ahead: ClassVar[bool] = True

    def __init__(
        self,
        vocabulary: Vocabulary,
        max_tokens: int | None = None,
        home_after: int | None = None,
    ) -> None:
        self.max_tokens, self._home_after = max_tokens, home_after
        self._symbols = vocabulary.symbols
        self._masks: dict[frozenset[Place], NDArray[np.bool_]] = {}
        self._ends: dict[Place, bool] = {}

    @abstractmethod
    def first(self) -> Place:
        """The place before the first token."""

    @abstractmethod
    def after(self, place: Place, symbol: str) -> Iterable[Place]:
        """The places after a symbol, mostly one; none where the symbol may not come."""

    @abstractmethod
    def may_end(self, place: Place) -> bool:
        """Whether an item may end here."""

    def kind(self, symbol: str) -> Hashable:
        """What tells symbols apart; those of one kind have the same places after them."""
        return symbol

    def homeward(self, place: Place) -> Iterable[str]:
        """The symbols that bring an item to its end, the best first; all by default.

        The look-ahead tries these, in this order. After ``home_after`` tokens the first of them
        that may come is the only one allowed; where none may, all that may come are.
        """
        return self._kinds[0]

    @final
    def row_start(self) -> tuple[int, frozenset[Place]]:
        return 0, frozenset([self.first()])

    @final
    def row_advance(
        self, state: tuple[int, frozenset[Place]], token: int
    ) -> tuple[int, frozenset[Place]]:
        length, places = state
        if token == len(self._symbols):
            return length, frozenset()
        found = {after for place in places for after in self.after(place, self._symbols[token])}
        return length + 1, frozenset(after for after in found if self._can_end(after))

    @final
    def row_allowed(self, state: tuple[int, frozenset[Place]]) -> NDArray[np.bool_]:
        length, places = state
        if self._home_after is not None and length >= self._home_after:
            if any(map(self.may_end, places)):
                return self._mask(places, [False] * len(self._symbols))
            if (nearer := self._nearer(places)) is not None:
                return self._mask(places, [symbol == nearer for symbol in self._symbols])
        if (mask := self._masks.get(places)) is None:
            examples, kinds = self._kinds
            allowed = [
                any(self._can_end(after) for place in places for after in self.after(place, symbol))
                for symbol in examples
            ]
            mask = self._masks[places] = self._mask(places, [allowed[kind] for kind in kinds])
            if len(self._masks) > _KEPT:
                self._masks.clear()
        return mask

    def _mask(self, places: Iterable[Place], allowed: list[bool]) -> NDArray[np.bool_]:
        import numpy as np

        return np.array([*allowed, any(map(self.may_end, places))])

    def _nearer(self, places: frozenset[Place]) -> str | None:
        """The first symbol homeward that may come, of several places the one of the least id."""
        found = set()
        for place in places:
            for symbol in self.homeward(place):
                if any(map(self._can_end, self.after(place, symbol))):
                    found.add(symbol)
                    break
        return min(found, key=self._symbols.index, default=None)

    @final
    def accepts(self, tokens: Iterable[int], end: int) -> bool:
        # An item that keeps the rule and may end has shown that it can: nothing is looked ahead.
        places = {self.first()}
        for token in tokens:
            symbol = self._symbols[token]
            places = {after for place in places for after in self.after(place, symbol)}
        return any(map(self.may_end, places))

    @cached_property
    def _kinds(self) -> tuple[list[str], list[int]]:
        """One symbol of each kind, and for every symbol the number of its kind."""
        kinds = [self.kind(symbol) for symbol in self._symbols]
        examples = dict(zip(reversed(kinds), reversed(self._symbols), strict=True))
        numbers = {kind: number for number, kind in enumerate(examples)}
        return list(examples.values()), [numbers[kind] for kind in kinds]

    def _can_end(self, place: Place) -> bool:
        """Whether an item can end at a place or after it: a walk in depth, its answers kept."""
        known = self._ends
        if not self.looks_ahead:
            return True
        if place in known:
            return known[place]
        if len(known) > _KEPT:
            known.clear()
        seen, way = {place}, [(place, self._following(place))]
        while way:
            here, following = way[-1]
            if known.get(here) or self.may_end(here):
                known.update(dict.fromkeys((passed for passed, _ in way), True))
                return True
            after = next((p for p in following if p not in seen and known.get(p, True)), None)
            if after is None:
                way.pop()
                continue
            seen.add(after)
            way.append((after, self._following(after)))
            if len(seen) > self.furthest:
                raise SeqgenError(
                    f"{type(self).__name__}: no end was found within {self.furthest:,} places "
                    f"after {place}; its rule must refuse earlier what leads nowhere"
                )
        known.update(dict.fromkeys(seen, False))  # all that can be reached, and no end among it
        return False

    def _following(self, place: Place) -> Iterator[Place]:
        for symbol in self.homeward(place):
            yield from self.after(place, symbol)
