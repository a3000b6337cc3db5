"""Constraints: what every item must satisfy beyond its domain, and the guide that ensures it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.guide import Guide
from seqgen.errors import SettingError
from seqgen.settings import check_settings, setting

if TYPE_CHECKING:
    from seqgen.domains.vocabulary import Vocabulary
    from seqgen.generation.config import SamplingConfig


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Constraints on every item, for any domain.

    Raises:
        SettingError: ``max_draws`` is below 1, or ``max_copy`` below 0.
    """

    match: str = setting("", "Only items that match this regular expression of symbols.")
    novel: bool = setting(False, "Only items that are not in the training data.")
    unbiased: bool = setting(
        False, "Sample without the guide, and reject items that the guide does not allow."
    )
    max_copy: int | None = setting(
        None,
        "Reject items that share a longer passage with the training data, in units of the domain "
        "(default: tokens).",
        min=0,
    )
    max_draws: int = setting(
        200, "Maximum number of attempts per item under rejection sampling.", min=1
    )

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def extend_guide(self) -> bool:
        """Whether they restrict items more than the domain's guide does."""
        return bool(self.match) or self.novel

    def for_receipt(self) -> Constraints:
        """The constraints that a single item depends on."""
        return replace(self, max_draws=NO_CONSTRAINTS.max_draws, max_copy=None)


NO_CONSTRAINTS = Constraints()


def constrained_guide(
    guide: Guide[Any],
    constraints: Constraints,
    vocabulary: Vocabulary,
    config: SamplingConfig,
    default_length: int,
    training_items: Sequence[Any] | None,
) -> Guide[Any]:
    """The domain's guide combined with the pattern, and without the training items.

    Args:
        guide: The domain's own.
        constraints: The constraints.
        vocabulary: The symbols of patterns.
        config: The lengths within which the pattern must end.
        default_length: The maximum length if neither the settings nor a guide limit it.
        training_items: The items that ``novel`` excludes; None if they are not known.

    Raises:
        SettingError: The pattern cannot be parsed, or no item satisfies all constraints.
    """
    from seqgen.guides.conjunction import conjunction
    from seqgen.guides.forbidden_items import ForbiddenItems

    if constraints.match:
        bounded = config.max_tokens is not None or guide.max_tokens is not None
        pattern = _pattern_guide(constraints.match, vocabulary, config, bounded, default_length)
        guide = conjunction(guide, pattern)
    if constraints.novel and training_items is not None:
        guide = ForbiddenItems(guide, training_items)
    return guide


def _pattern_guide(
    pattern: str, vocabulary: Vocabulary, config: SamplingConfig, bounded: bool, default: int
) -> Guide[Any]:
    """The guide of a pattern within the lengths that an item may have."""
    from seqgen.guides.automaton_guide import AutomatonGuide
    from seqgen.guides.regex import regex_automaton

    automaton = regex_automaton(pattern, vocabulary)
    longest = config.max_tokens
    if not bounded and automaton.longest() is None:
        longest = default
    try:
        return AutomatonGuide.of(automaton, config.min_tokens, longest)
    except SettingError as error:
        note = "" if config.max_tokens is not None else ", the default; set --max-tokens"
        raise SettingError(
            f"pattern {pattern!r} with max_tokens {longest}{note}: {error}"
        ) from None
