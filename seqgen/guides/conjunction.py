"""conjunction: several guides at once; AllOf: the same by masks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from seqgen.domains.guide import FreeGuide, Guide
from seqgen.errors import SettingError
from seqgen.guides.automaton_guide import AutomatonGuide
from seqgen.guides.forbidden_items import ForbiddenItems, vocabulary_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@final
class AllOf(Guide[tuple[Any, ...]]):
    """Allows a token where every one of several guides does.

    The look-ahead of each guide knows nothing of the others, so a row can meet a dead end:
    no token is allowed, and generation reports that as the finish reason. ``conjunction``
    avoids this wherever it can.

    Args:
        guides: At least one; at most one of them gives context, which becomes this one's.

    Raises:
        SettingError: No guide, different vocabulary sizes, or two guides with context.
    """

    def __init__(self, *guides: Guide[Any]) -> None:
        _check_sizes(guides)
        giving = [g for g in guides if g.context(g.start(1)) is not None]
        if len(giving) > 1:
            names = " and ".join(type(guide).__name__ for guide in giving)
            raise SettingError(f"only one guide can give the context, {len(giving)} do: {names}")
        self.guides = guides
        self._giving = guides.index(giving[0]) if giving else None
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
        if self._giving is None:
            return None
        return self.guides[self._giving].context(state[self._giving])


def conjunction(*guides: Guide[Any]) -> Guide[Any]:
    """A guide that allows exactly the items that all the given ones allow.

    Automata and their windows become one automaton, and forbidden items are walked with all
    the rest, so for these the look-ahead stays exact and there are no dead ends. Of other
    guides two or more (or one beside an automaton) are joined by ``AllOf``, whose look-ahead
    is not exact.

    Raises:
        SettingError: As ``AllOf``; or nothing satisfies all of them; or their automata need
            more than ``MAX_STATES`` states together (``AllOf`` takes them then).
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
    parts = [_joined(automata), *others] if automata else others
    parts = parts or [FreeGuide(vocabulary_size(guides[0]))]
    return _without(AllOf(*parts) if len(parts) > 1 else parts[0], forbidden)


def _without(guide: Guide[Any], forbidden: list[ForbiddenItems]) -> Guide[Any]:
    if not forbidden:
        return guide
    return ForbiddenItems(guide, [item for one in forbidden for item in one.items])


def _joined(guides: list[AutomatonGuide]) -> AutomatonGuide:
    automaton = guides[0].automaton
    for guide in guides[1:]:
        automaton = (automaton & guide.automaton).minimal()
    bounds = [guide.max_tokens for guide in guides if guide.max_tokens is not None]
    least = max(guide.min_tokens for guide in guides)
    return AutomatonGuide.of(automaton, least, min(bounds, default=None))


def _check_sizes(guides: tuple[Guide[Any], ...]) -> None:
    if not guides:
        raise SettingError("a conjunction needs at least one guide, was given none")
    sizes = [vocabulary_size(guide) for guide in guides]
    if len(set(sizes)) > 1:
        raise SettingError(
            "guides can be joined only for one vocabulary; these choose from "
            f"{', '.join(map(str, sizes))} tokens"
        )
