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
_KEPT = 200_000


class RuleGuide(RowGuide[frozenset[Place]], Generic[Place]):
    """A guide whose grammar is one function from a place and a symbol to the places after it.

    A place is an immutable value that holds all that matters for what may follow: a named
    tuple, say. A rule may guess: it gives several places, and a row is then at all of them
    at once until a later symbol shows which guesses were right (the subsets of Rabin and
    Scott 1959, made only where a row comes along).

    A symbol is allowed only if from some place after it an item can still end. That is found
    by walking the rule itself, and every answer is kept, so rows meet no dead ends whatever
    the rule is, and the rule need not look ahead. A row that takes a token it is not
    allowed, or the end token, is allowed nothing after it.

    Args:
        vocabulary: The symbols.
        max_tokens: A number of tokens within which the rule ends every item, if there is one.
    """

    #: The most places that are walked to find one end.
    furthest: ClassVar[int] = 100_000

    def __init__(self, vocabulary: Vocabulary, max_tokens: int | None = None) -> None:
        self.max_tokens = max_tokens
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

    @final
    def row_start(self) -> frozenset[Place]:
        return frozenset([self.first()])

    @final
    def row_advance(self, state: frozenset[Place], token: int) -> frozenset[Place]:
        if token == len(self._symbols):
            return frozenset()
        found = {after for place in state for after in self.after(place, self._symbols[token])}
        return frozenset(after for after in found if self._can_end(after))

    @final
    def row_allowed(self, state: frozenset[Place]) -> NDArray[np.bool_]:
        import numpy as np

        if (mask := self._masks.get(state)) is None:
            examples, kinds = self._kinds
            allowed = [
                any(self._can_end(after) for place in state for after in self.after(place, symbol))
                for symbol in examples
            ]
            ends = any(map(self.may_end, state))
            mask = np.array([*(allowed[kind] for kind in kinds), ends])
            if len(self._masks) == _KEPT:
                self._masks.clear()
            self._masks[state] = mask
        return mask

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
        for symbol in self._kinds[0]:
            yield from self.after(place, symbol)
