"""Demands: what may be asked of the items of any domain, and the guide that holds them to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.guide import Guide
from seqgen.errors import SettingError
from seqgen.settings import check_settings, setting

if TYPE_CHECKING:
    from seqgen.domains.vocabulary import Vocabulary
    from seqgen.generation.config import GenerateConfig


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What is asked of every item beside what its domain knows of.

    Raises:
        SettingError: ``max_draws`` is below 1, or ``max_copy`` below 0.
    """

    match: str = setting("", "Only items that match this pattern of symbols as a whole.")
    novel: bool = setting(False, "Only items that are not in the training data.")
    unbiased: bool = setting(
        False, "Draw without the guide, and throw away what it would not have allowed."
    )
    max_copy: int | None = setting(
        None,
        "Throw away items that share a longer run with the training material: in units of the "
        "domain, tokens where it has none.",
        min=0,
    )
    max_draws: int = setting(
        200, "Where items are drawn and thrown away: most draws for each one asked for.", min=1
    )

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def constrain(self) -> bool:
        """Whether they hold items to more than their domain does."""
        return bool(self.match) or self.novel

    def kept(self) -> Demands:
        """What of them a single item depends on."""
        return replace(self, max_draws=NOTHING.max_draws, max_copy=None)


NOTHING = Demands()


def demanding_guide(
    guide: Guide[Any],
    demands: Demands,
    vocabulary: Vocabulary,
    config: GenerateConfig,
    default_length: int,
    known: Sequence[Any] | None,
) -> Guide[Any]:
    """The domain's guide together with the pattern and without the known items.

    Args:
        guide: The domain's own.
        demands: What is asked besides.
        vocabulary: The symbols of patterns.
        config: The lengths that the pattern is looked ahead for.
        default_length: The longest item where neither the settings nor a guide bound it.
        known: The items that ``novel`` avoids; None where they are not known.

    Raises:
        SettingError: The pattern cannot be read, or nothing satisfies all that is asked for.
    """
    from seqgen.guides.conjunction import conjunction
    from seqgen.guides.forbidden_items import ForbiddenItems

    if demands.match:
        bounded = config.max_tokens is not None or guide.max_tokens is not None
        pattern = _pattern_guide(demands.match, vocabulary, config, bounded, default_length)
        guide = conjunction(guide, pattern)
    if demands.novel and known is not None:
        guide = ForbiddenItems(guide, known)
    return guide


def _pattern_guide(
    pattern: str, vocabulary: Vocabulary, config: GenerateConfig, bounded: bool, default: int
) -> Guide[Any]:
    """The guide of a pattern that knows the length within which an item must end."""
    from seqgen.guides.automaton_guide import AutomatonGuide
    from seqgen.guides.regex import regex_automaton

    automaton = regex_automaton(pattern, vocabulary)
    longest = config.max_tokens
    if not bounded and automaton.longest() is None:
        longest = default
    try:
        return AutomatonGuide.of(automaton, config.min_tokens, longest)
    except SettingError as error:
        asked = "" if config.max_tokens is not None else ", the default; give --max-tokens"
        raise SettingError(
            f"pattern {pattern!r} with max_tokens {longest}{asked}: {error}"
        ) from None
