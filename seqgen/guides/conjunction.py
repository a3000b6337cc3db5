"""conjunction: one guide for several constraints; AllOf: the same, by masks only."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import FreeGuide, Guide
from seqgen.errors import SettingError
from seqgen.guides.automaton_guide import AutomatonGuide
from seqgen.guides.forbidden_items import ForbiddenItems, vocabulary_size


@final
class AllOf(Guide[tuple[Any, ...]]):
    """Allows a token if every guide allows it.

    The look-ahead of each guide ignores the others, so a row can reach a dead end: no token is
    allowed, which generation reports as the finish reason. ``conjunction`` avoids this if it can.

    Args:
        guides: At least one; at most one of them has context, which becomes that of this guide.

    Raises:
        SettingError: There is no guide, vocabulary sizes differ, or two guides have context.
    """

    def __init__(self, *guides: Guide[Any]) -> None:
        _check_sizes(guides)
        with_context = [g for g in guides if g.context(g.start(1)) is not None]
        if len(with_context) > 1:
            names = " and ".join(type(guide).__name__ for guide in with_context)
            raise SettingError(f"only one guide can have context, {len(with_context)} do: {names}")
        self.guides = guides
        self._context_from = guides.index(with_context[0]) if with_context else None
        bounds = [guide.max_tokens for guide in guides if guide.max_tokens is not None]
        self.max_tokens = min(bounds, default=None)

    def start(self, batch: int) -> tuple[Any, ...]:
        return tuple(guide.start(batch) for guide in self.guides)

    def allowed(self, state: tuple[Any, ...]) -> NDArray[np.bool_]:
        masks = [guide.allowed(one) for guide, one in zip(self.guides, state, strict=True)]
        both = masks[0].copy()
        for mask in masks[1:]:
            both &= mask
        return both

    def advance(self, state: tuple[Any, ...], tokens: NDArray[np.int64]) -> tuple[Any, ...]:
        return tuple(g.advance(one, tokens) for g, one in zip(self.guides, state, strict=True))

    def select(self, state: tuple[Any, ...], rows: NDArray[np.int64]) -> tuple[Any, ...]:
        return tuple(g.select(one, rows) for g, one in zip(self.guides, state, strict=True))

    def context(self, state: tuple[Any, ...]) -> NDArray[np.int32] | None:
        if self._context_from is None:
            return None
        return self.guides[self._context_from].context(state[self._context_from])


def conjunction(*guides: Guide[Any]) -> Guide[Any]:
    """A guide that allows exactly the items that all these guides allow.

    Automata and their length limits become one automaton, and forbidden items are traversed with
    all the rest, so their look-ahead stays exact and there are no dead ends. Two or more other
    guides, or one and an automaton, are combined by ``AllOf``, whose look-ahead is not exact.

    Raises:
        SettingError: As ``AllOf``; or no item satisfies all of them; or their automata together
            need more than ``MAX_STATES`` states (``AllOf`` accepts them).
    """
    _check_sizes(guides)
    automata: list[AutomatonGuide] = []
    forbidden: list[ForbiddenItems] = []
    others: list[Guide[Any]] = []
    waiting = list(guides)
    while waiting:
        guide = waiting.pop(0)
        if isinstance(guide, AllOf):
            waiting = [*guide.guides, *waiting]
        elif isinstance(guide, ForbiddenItems):
            forbidden.append(guide)
            waiting.insert(0, guide.within)
        elif isinstance(guide, AutomatonGuide):
            automata.append(guide)
        elif not isinstance(guide, FreeGuide):
            others.append(guide)
    parts = [_intersect(automata), *others] if automata else others
    parts = parts or [FreeGuide(vocabulary_size(guides[0]))]
    return _forbid(AllOf(*parts) if len(parts) > 1 else parts[0], forbidden)


def _forbid(guide: Guide[Any], forbidden: list[ForbiddenItems]) -> Guide[Any]:
    if not forbidden:
        return guide
    return ForbiddenItems(guide, [item for one in forbidden for item in one.items])


def _intersect(guides: list[AutomatonGuide]) -> AutomatonGuide:
    automaton = guides[0].automaton
    for guide in guides[1:]:
        automaton = (automaton & guide.automaton).minimal()
    bounds = [guide.max_tokens for guide in guides if guide.max_tokens is not None]
    least = max(guide.min_tokens for guide in guides)
    return AutomatonGuide.of(automaton, least, min(bounds, default=None))


def _check_sizes(guides: tuple[Guide[Any], ...]) -> None:
    if not guides:
        raise SettingError("a conjunction needs at least one guide, got none")
    sizes = [vocabulary_size(guide) for guide in guides]
    if len(set(sizes)) > 1:
        raise SettingError(
            "guides can be combined only for one vocabulary; these have "
            f"{', '.join(map(str, sizes))} tokens"
        )
