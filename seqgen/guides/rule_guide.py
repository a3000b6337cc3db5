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
#: How many places after others are kept before all are forgotten and found anew.
_KEPT = 300_000


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
        # Answers that were found, which only save the time to find them again.
        self._masks: dict[frozenset[Place], NDArray[np.bool_]] = {}
        self._moves: dict[tuple[frozenset[Place], int], frozenset[Place]] = {}
        self._afters: dict[Place, list[tuple[Place, ...] | None]] = {}
        self._ends: dict[Place, bool] = {}
        self._kept = 0

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
        key = places, self._kinds[1][token]
        if (moved := self._moves.get(key)) is None:
            found = {after for place in places for after in self._after(place, key[1])}
            moved = self._moves[key] = frozenset(filter(self._can_end, found))
        return length + 1, moved

    @final
    def row_allowed(self, state: tuple[int, frozenset[Place]]) -> NDArray[np.bool_]:
        length, places = state
        if self._home_after is not None and length >= self._home_after:
            if any(map(self.may_end, places)):
                return self._mask(places, [False] * len(self._symbols))
            if (nearer := self._nearer(places)) is not None:
                return self._mask(places, [symbol == nearer for symbol in self._symbols])
        if (mask := self._masks.get(places)) is None:
            self._forget()
            examples, kinds = self._kinds
            allowed = [
                any(self._can_end(after) for place in places for after in self._after(place, kind))
                for kind in range(len(examples))
            ]
            mask = self._masks[places] = self._mask(places, [allowed[kind] for kind in kinds])
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

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The number of the kind of each symbol."""
        return dict(zip(self._symbols, self._kinds[1], strict=True))

    def _after(self, place: Place, kind: int) -> tuple[Place, ...]:
        """The places after a kind of symbol; the rule is asked once for each."""
        examples = self._kinds[0]
        if (known := self._afters.get(place)) is None:
            known = self._afters[place] = [None] * len(examples)
        if (found := known[kind]) is None:
            found = known[kind] = tuple(self.after(place, examples[kind]))
            self._kept += len(found)
        return found

    def _forget(self) -> None:
        """Forgets all answers when there are too many; states do not depend on them."""
        if self._kept > _KEPT:
            self._kept = 0
            for memo in (self._masks, self._moves, self._afters, self._ends):
                memo.clear()

    def _can_end(self, place: Place) -> bool:
        """Whether an item can end at a place or after it."""
        if not self.looks_ahead:
            return True
        if (known := self._ends.get(place)) is None:
            before, ends = self._walked(place)
            # All that was passed is decided: from an end back, and nothing else can end.
            answers = dict.fromkeys(before, False)
            while ends:
                if not answers[last := ends.pop()]:
                    answers[last] = True
                    ends += before[last]
            self._ends.update(answers)
            known = answers[place]
        return known

    def _walked(self, place: Place) -> tuple[dict[Place, list[Place]], list[Place]]:
        """A walk in depth to the first end: what was passed, each from where, and that end.

        A place is left only when all after it were passed.
        """
        before: dict[Place, list[Place]] = {place: []}
        if self.may_end(place):
            return before, [place]
        way = [(place, self._following(place))]
        while way:
            here, following = way[-1]
            if (after := next(following, None)) is None:
                way.pop()
            elif after in before:
                before[after].append(here)
            elif (known := self._ends.get(after)) is not False:
                before[after] = [here]
                if known or self.may_end(after):
                    return before, [after]
                way.append((after, self._following(after)))
            if len(before) > self.furthest:
                raise SeqgenError(
                    f"{type(self).__name__}: no end was found within {self.furthest:,} places "
                    f"after {place}; its rule must refuse earlier what leads nowhere"
                )
        return before, []

    def _following(self, place: Place) -> Iterator[Place]:
        for symbol in self.homeward(place):
            yield from self._after(place, self._numbers[symbol])
