"""RuleGuide: a guide written as one rule; masks, guesses and the look-ahead are made here."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, final

from seqgen.domains.guide import RowGuide
from seqgen.errors import PluginError, SettingError
from seqgen.guides.reachability import Ways
from seqgen.registry.validation import shorten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.domains.vocabulary import Vocabulary

Place = TypeVar("Place", bound=Hashable)
#: How many places after others are kept before all are forgotten and found anew.
_KEPT = 300_000
#: How the methods that one may take for attributes are written.
_METHODS = {"homeward": "homeward(self, place)", "kind": "kind(self, symbol)"}


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
    Where no item can be made at all, the first step raises a ``SettingError``.

    Args:
        vocabulary: The symbols.
        max_tokens: The most tokens of an item, to which the look-ahead holds every row; None
            without bound. A rule that looks ahead by itself keeps it by itself.
        home_after: From so many tokens on a row is led to its end, by ``homeward``; for rules
            that would let an item go on for ever.
    """

    #: The most places that are walked to find one end.
    furthest: ClassVar[int] = 100_000
    #: False where the rule itself lets nothing come that leads nowhere.
    looks_ahead: ClassVar[bool] = True

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name in ("homeward", "kind"):
            if not callable(getattr(cls, name)):
                raise PluginError(
                    f"{cls.__name__}.{name} must be a method, {_METHODS[name]}; was "
                    f"{shorten(getattr(cls, name))}"
                )
        for name in ("max_tokens", "home_after"):
            if isinstance(vars(cls).get(name), int):
                raise PluginError(
                    f"{cls.__name__}.{name} is no class attribute: give it to "
                    f"super().__init__(vocabulary, {name}={vars(cls)[name]})"
                )

    def __init__(
        self,
        vocabulary: Vocabulary,
        max_tokens: int | None = None,
        home_after: int | None = None,
    ) -> None:
        self.max_tokens, self._home_after = max_tokens, home_after
        self._symbols = vocabulary.symbols
        # Answers that were found, which only save the time to find them again.
        self._masks: dict[frozenset[Place], tuple[NDArray[np.bool_], float]] = {}
        self._short_masks: dict[tuple[frozenset[Place], float], NDArray[np.bool_]] = {}
        self._moves: dict[tuple[frozenset[Place], int], frozenset[Place]] = {}
        self._afters: dict[Place, list[tuple[Place, ...] | None]] = {}
        self._ways = Ways[Place](type(self).__name__, self._following, self.may_end, self.furthest)
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
        left = self._most - length
        if self._home_after is not None and length >= self._home_after:
            if any(map(self.may_end, places)):
                return self._mask(places, [False] * len(self._symbols))
            if (nearer := self._nearer(places, left)) is not None:
                return self._mask(places, [symbol == nearer for symbol in self._symbols])
        mask, need = self._whole_mask(places)
        if need > left:
            mask = self._short_mask(places, left)
        if not length and places and not mask.any():
            bound = "" if self.max_tokens is None else f" of at most {self.max_tokens:,} tokens"
            raise SettingError(
                f"{type(self).__name__}: no item{bound} keeps its rule; ask for less, or for "
                "what can be met"
            )
        return mask

    def _whole_mask(self, places: frozenset[Place]) -> tuple[NDArray[np.bool_], float]:
        """What may come where nothing bounds the length, and within how many tokens all that
        may come can surely end."""
        if (found := self._masks.get(places)) is None:
            self._forget()
            ways = [
                min(map(self._way, after), default=math.inf) for after in self._afters_of(places)
            ]
            need = 1 + max((way for way in ways if way < math.inf), default=-1)
            found = self._masks[places] = self._by_kind(places, [w < math.inf for w in ways]), need
        return found

    def _short_mask(self, places: frozenset[Place], left: float) -> NDArray[np.bool_]:
        """What may come where so many tokens are left."""
        if (mask := self._short_masks.get((places, left))) is None:
            allowed = [
                any(self._ends_within(after, left - 1) for after in afters)
                for afters in self._afters_of(places)
            ]
            mask = self._short_masks[places, left] = self._by_kind(places, allowed)
        return mask

    def _afters_of(self, places: frozenset[Place]) -> Iterator[list[Place]]:
        """For each kind the places after it."""
        for kind in range(len(self._kinds[0])):
            yield [after for place in places for after in self._after(place, kind)]

    def _by_kind(self, places: frozenset[Place], allowed: list[bool]) -> NDArray[np.bool_]:
        return self._mask(places, [allowed[kind] for kind in self._kinds[1]])

    def _mask(self, places: Iterable[Place], allowed: list[bool]) -> NDArray[np.bool_]:
        import numpy as np

        return np.array([*allowed, any(map(self.may_end, places))])

    def _nearer(self, places: frozenset[Place], left: float) -> str | None:
        """The first symbol homeward that may come, of several places the one of the least id."""
        found = set()
        for place in places:
            for symbol in self.homeward(place):
                if any(self._ends_within(p, left - 1) for p in self.after(place, symbol)):
                    found.add(symbol)
                    break
        return min(found, key=self._symbols.index, default=None)

    @final
    def accepts(self, tokens: Iterable[int], end: int) -> bool:
        # An item that keeps the rule and may end has shown that it can: nothing is looked ahead.
        places, left = {self.first()}, self._most
        for token in tokens:
            symbol, left = self._symbols[token], left - 1
            places = {after for place in places for after in self.after(place, symbol)}
        return left >= 0 and any(map(self.may_end, places))

    @property
    def _most(self) -> float:
        """The bound that masks hold; a rule that looks ahead by itself keeps its own."""
        bound = self.max_tokens if self.looks_ahead else None
        return math.inf if bound is None else bound

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
            for memo in (self._masks, self._short_masks, self._moves, self._afters):
                memo.clear()
            self._ways.forget()

    def _way(self, place: Place) -> float:
        """The tokens of one way from a place to an end; infinite where there is none."""
        return self._ways.known(place) if self.looks_ahead else 0

    def _can_end(self, place: Place) -> bool:
        return self._way(place) < math.inf

    def _ends_within(self, place: Place, tokens: float) -> bool:
        return not self.looks_ahead or self._ways.within(place, tokens)

    def _following(self, place: Place) -> Iterator[Place]:
        for symbol in self.homeward(place):
            yield from self._after(place, self._numbers[symbol])
