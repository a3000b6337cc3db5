"""RuleGuide: a guide defined by one transition rule; masks and look-ahead are derived from it."""

from __future__ import annotations

import math
import pickle
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, final

from seqgen.domains.guide import RowGuide
from seqgen.errors import PluginError, SettingError
from seqgen.guides.reachability import Reachability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.domains.encoder import Vocabulary

Place = TypeVar("Place", bound=Hashable)
#: Maximum bytes of the cached masks, and of the places that the look-ahead has visited.
MASK_BYTES, PLACE_BYTES = 2**25, 2**26
#: Bytes of an entry of a dictionary, without its key and value.
_ENTRY = 100
#: The signature of the methods that could be mistaken for attributes.
_METHODS = {"homeward": "homeward(self, place)", "kind": "kind(self, symbol)"}


class _Step(NamedTuple):
    """Every next token from a set of places.

    Args:
        mask: The allowed tokens if the length has no bound.
        need: Every allowed token can be followed by an end within this many tokens, itself
            included.
        after: For each allowed kind the places after it that lead to an end.
        short_masks: The allowed tokens by the number of tokens that are left.
    """

    mask: NDArray[np.bool_]
    need: float
    after: dict[int, frozenset[Any]]
    short_masks: dict[float, NDArray[np.bool_]]


class RuleGuide(RowGuide[tuple[int, frozenset[Place]]], Generic[Place]):
    """A guide whose grammar is one function from a place and a symbol to the places after it.

    A place is an immutable, hashable value that contains everything that matters for the rest of
    the item, such as a named tuple. A rule may be nondeterministic: it yields several places, and
    a row is in all of them until a later symbol decides (the subset construction of Rabin and
    Scott, 1959, computed lazily).

    A symbol is allowed only if an item can still end from some place after it. This is found by
    walking the rule, and results are cached, so rows reach no dead ends whatever the rule is, and
    the rule needs no look-ahead of its own (``looks_ahead`` is for one that has it). A row that
    takes a token it is not allowed, or the end token, is allowed nothing after it. If no item is
    possible at all, the first step raises a ``SettingError``.

    Args:
        vocabulary: The symbols.
        max_tokens: The maximum number of tokens of an item, part of the look-ahead; None for no
            bound. A rule that looks ahead by itself must enforce it by itself.
        home_after: The number of tokens after which a row is led to its end, by ``homeward``; for
            rules that allow items of unlimited length.
    """

    #: The maximum number of places to visit to find one end.
    furthest: ClassVar[int] = 100_000
    #: False if the rule itself allows only what leads to an end.
    looks_ahead: ClassVar[bool] = True

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name in ("homeward", "kind"):
            if not callable(getattr(cls, name)):
                raise PluginError(
                    f"{cls.__name__}.{name} must be a method, {_METHODS[name]}; was "
                    f"{getattr(cls, name)!r:.60}"
                )
        for name in ("max_tokens", "home_after"):
            if isinstance(vars(cls).get(name), int):
                raise PluginError(
                    f"{cls.__name__}.{name} is no class attribute: pass it to "
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
        # Two generations of masks: what is used moves to the young one, and the old one is dropped
        # when the young one is full. So frequent masks stay when rare ones fill the cache.
        self._steps: dict[frozenset[Place], _Step] = {}
        self._old_steps: dict[frozenset[Place], _Step] = {}
        self._step_bytes = 0
        #: The answers of the rule by place and kind.
        self._answers: dict[Place, dict[int, tuple[Place, ...]]] = {}
        self._answer_bytes, self._place_bytes, self._new_places = 0, 0, 0
        name = type(self).__name__
        self._ends = Reachability[Place](name, self._following, self.may_end, self.furthest)
        #: The tokens of one way from a place to an end; infinite if there is none.
        self._distance = self._ends.distance if self.looks_ahead else _no_distance

    @abstractmethod
    def first(self) -> Place:
        """The place before the first token."""

    @abstractmethod
    def after(self, place: Place, symbol: str) -> Iterable[Place]:
        """The places after a symbol, mostly one; none if the symbol is not allowed."""

    @abstractmethod
    def may_end(self, place: Place) -> bool:
        """Whether an item may end here."""

    def kind(self, symbol: str) -> Hashable:
        """The kind of a symbol; symbols of one kind have the same places after them."""
        return symbol

    def homeward(self, place: Place) -> Iterable[str]:
        """The symbols that lead an item to its end, the best first; by default all.

        The look-ahead tries these, in this order. After ``home_after`` tokens only the first of
        them that is allowed may follow, or every allowed symbol if none of them is.
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
        kind = self._kinds[1][token]
        if (step := self._steps.get(places)) is not None:
            return length + 1, step.after.get(kind, frozenset())
        return length + 1, frozenset(self._distances_after(places, [kind]).get(kind, ()))

    @final
    def row_allowed(self, state: tuple[int, frozenset[Place]]) -> NDArray[np.bool_]:
        length, places = state
        left = self._most - length
        if self._home_after is not None and length >= self._home_after:
            if any(map(self.may_end, places)):
                return self._mask(places, [])
            if (nearest := self._nearest(places, left)) is not None:
                mask = self._mask(places, [])
                mask[self._symbols.index(nearest)] = True
                return mask
        step = self._step(places)
        mask = step.mask if step.need <= left else self._short_mask(step, places, left)
        if not length and places and not mask.any():
            bound = "" if self.max_tokens is None else f" of at most {self.max_tokens:,} tokens"
            raise SettingError(
                f"{type(self).__name__}: no item{bound} keeps its rule; relax the options"
            )
        return mask

    def _step(self, places: frozenset[Place]) -> _Step:
        if (step := self._steps.get(places)) is None:
            if (step := self._old_steps.get(places)) is None:
                found = self._distances_after(places, range(len(self._kinds[0])))
                need = 1 + max((min(ends.values()) for ends in found.values()), default=-1)
                after = {kind: frozenset(ends) for kind, ends in found.items()}
                step = _Step(self._mask(places, after), need, after, {})
            if self._step_bytes > MASK_BYTES // 2:
                self._old_steps, self._steps, self._step_bytes = self._steps, {}, 0
            self._steps[places] = step
            count = len(places) + sum(map(len, step.after.values()))
            self._step_bytes += 4 * _ENTRY + len(step.mask) + count * self._place_bytes
        return step

    def _distances_after(
        self, places: frozenset[Place], kinds: Iterable[int]
    ) -> dict[int, dict[Place, float]]:
        """By kind of symbol the places after it from which an item can end, with their distance."""
        rows = [(place, self._answers_at(place)) for place in places]
        result: dict[int, dict[Place, float]] = {}
        for kind in kinds:
            for place, answers in rows:
                for after in self._after(place, answers, kind):
                    if (tokens := self._distance(after)) < math.inf:
                        result.setdefault(kind, {})[after] = tokens
        return result

    def _short_mask(self, step: _Step, places: frozenset[Place], left: float) -> NDArray[np.bool_]:
        """The allowed tokens if this many tokens are left."""
        if (mask := step.short_masks.get(left)) is None:
            kinds = [
                kind
                for kind, found in step.after.items()
                if any(self._ends_within(after, left - 1) for after in found)
            ]
            mask = step.short_masks[left] = self._mask(places, kinds)
            self._step_bytes += _ENTRY + len(mask)
        return mask

    def _mask(self, places: Iterable[Place], kinds: Iterable[int]) -> NDArray[np.bool_]:
        """The mask of all symbols of some kinds, and of the end if it is allowed."""
        import numpy as np

        allowed = np.zeros(len(self._kinds[0]), dtype=bool)
        allowed[list(kinds)] = True
        return np.append(allowed[self._kinds[1]], any(map(self.may_end, places)))

    def _nearest(self, places: frozenset[Place], left: float) -> str | None:
        """The first homeward symbol that is allowed; the least id of those of several places."""
        found = set()
        for place in places:
            answers = self._answers_at(place)
            for symbol in self.homeward(place):
                after = self._after(place, answers, self._numbers[symbol])
                if any(self._ends_within(one, left - 1) for one in after):
                    found.add(symbol)
                    break
        return min(found, key=self._symbols.index, default=None)

    @final
    def accepts(self, tokens: Iterable[int], end: int) -> bool:
        # An item that follows the rule and may end needs no look-ahead.
        places, left = {self.first()}, self._most
        for token in tokens:
            symbol, left = self._symbols[token], left - 1
            places = {after for place in places for after in self.after(place, symbol)}
        return left >= 0 and any(map(self.may_end, places))

    @property
    def _most(self) -> float:
        """The bound that masks enforce; a rule that looks ahead by itself enforces its own."""
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

    def _answers_at(self, place: Place) -> dict[int, tuple[Place, ...]]:
        """The known answers of the rule for a place, by kind."""
        if (answers := self._answers.get(place)) is None:
            if self._new_places % 64 == 0:  # the size is measured on a few places
                self._place_bytes = max(self._place_bytes, _size(place))
            if self._answer_bytes + _ENTRY * len(self._ends) > PLACE_BYTES:
                self._answers.clear()
                self._ends.clear()
                self._answer_bytes = 0
            answers = self._answers[place] = {}
            self._new_places += 1
            self._answer_bytes += 2 * _ENTRY
        return answers

    def _after(
        self, place: Place, answers: dict[int, tuple[Place, ...]], kind: int
    ) -> tuple[Place, ...]:
        """The places after a kind of symbol; the rule is called once for each."""
        if (found := answers.get(kind)) is None:
            found = answers[kind] = tuple(self.after(place, self._kinds[0][kind]))
            self._answer_bytes += _ENTRY + len(found) * self._place_bytes
        return found

    def _following(self, place: Place) -> Iterator[Place]:
        answers, numbers = self._answers_at(place), self._numbers
        for symbol in self.homeward(place):
            found = answers.get(kind := numbers[symbol])
            yield from self._after(place, answers, kind) if found is None else found

    def _ends_within(self, place: Place, tokens: float) -> bool:
        return not self.looks_ahead or self._ends.ends_within(place, tokens)


def _no_distance(place: object) -> float:
    return 0.0


def _size(place: object) -> int:
    """An estimate of the size of a place in bytes: some times that of its pickle."""
    try:
        return 4 * len(pickle.dumps(place, pickle.HIGHEST_PROTOCOL))
    except (pickle.PicklingError, TypeError, AttributeError):
        return 4096
