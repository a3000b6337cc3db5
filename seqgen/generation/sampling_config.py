"""SamplingConfig: the settings of generation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from seqgen.errors import SettingError
from seqgen.generation.components import SamplerOptions, check_names
from seqgen.settings import check_settings, setting

#: Built-in samplers without randomness.
DETERMINISTIC = ("greedy", "beam")
#: Settings of which at most one can be set.
TEMPERATURES = ("temperature", "temperature_schedule", "temperature_groups")
#: Settings that exclude tokens without look-ahead, so they may cause dead ends.
WITHOUT_LOOKAHEAD = ("ban", "force", "min_tokens", "no_repeat_ngram")
#: Settings that only change the distribution that tokens are drawn from.
DRAWING = (*TEMPERATURES, "top_k", "top_p", "min_p", "typical_p")


@dataclass(frozen=True, kw_only=True)
class BeamOptions:
    """Options of ``BeamSearch``."""

    beams: int = setting(
        10, "Number of beams of beam search, which limits its items.", min=1, max=10_000
    )
    length_penalty: float = setting(
        0.0,
        "Rank beam search by log-probability / length ** this; above 0 favours long items.",
        min=0.0,
        max=5.0,
    )


@dataclass(frozen=True, kw_only=True)
class TemperatureOptions:
    """Options of the temperatures."""

    temperature: float = setting(
        1.0,
        "Divide logits by this; below 1 is less random, above 1 more random.",
        min=0.001,
        max=100.0,
    )
    temperature_schedule: str = setting(
        "", "Temperature by position in tokens, linear between points: '0:1.3 10:0.8'."
    )
    temperature_groups: str = setting(
        "", "Temperature by token group of the domain: 'pitch:1.2 rhythm:0.7'."
    )


@dataclass(frozen=True, kw_only=True)
class CacheOptions:
    """Options of ``ContinuousCache``."""

    recall: float = setting(
        0.0, "Probability mass for continuations already used in this item.", min=0.0, below=1.0
    )
    recall_after: int = setting(
        4, "Number of equal tokens that recall matches; the domain defines equal.", min=1
    )


@dataclass(frozen=True, kw_only=True)
class TruncationOptions:
    """Options of the processors that exclude improbable tokens."""

    top_k: int = setting(0, "Keep the k most probable tokens; 0 keeps all.", min=0)
    top_p: float = setting(
        1.0,
        "Nucleus sampling: keep the smallest set of tokens whose probabilities sum to this.",
        above=0.0,
        max=1.0,
    )
    min_p: float = setting(
        0.0, "Keep tokens with at least this share of the maximum probability.", min=0.0, max=1.0
    )
    typical_p: float = setting(
        1.0,
        "Typical sampling: keep the tokens nearest to the entropy whose probabilities sum to this.",
        above=0.0,
        max=1.0,
    )


@dataclass(frozen=True, kw_only=True)
class RepetitionOptions:
    """Options of ``RepetitionPenalty`` and ``NoRepeatNGram``."""

    repetition_penalty: float = setting(
        1.0, "Penalty factor for the logits of tokens that already occurred.", min=1.0, max=100.0
    )
    no_repeat_ngram: int = setting(
        0, "Exclude repetitions of n consecutive tokens; 0 allows them.", min=0
    )


@dataclass(frozen=True, kw_only=True)
class TokenOptions:
    """Options of ``BannedTokens`` and ``FixedPositions``."""

    ban: str = setting("", "Symbols that are never generated, separated by spaces.")
    force: str = setting("", "Required symbols by position, counted from 0: '0:a 3:o'.")
    min_tokens: int = setting(0, "Minimum length of an item in tokens.", min=0)
    max_tokens: int | None = setting(
        None,
        "Maximum length of an item in tokens; by default four times the longest training item.",
        min=1,
    )


# The fields of the last base come first.
@dataclass(frozen=True, kw_only=True)
class SamplingConfig(
    TokenOptions,
    RepetitionOptions,
    TruncationOptions,
    CacheOptions,
    TemperatureOptions,
    BeamOptions,
    SamplerOptions,
):
    """How tokens are chosen. With the model file, the prompt, the seed and an index it determines
    a sample.

    Its fields are the options of all built-in samplers and logits processors; those of components
    of plugins are in ``components``.

    The order is fixed: the guide, then ``ban``, ``force`` and ``min_tokens``, no-repeat n-gram,
    repetition penalty, temperature, recall, top-k, top-p, min-p, typical; a processor of a plugin
    comes after the built-in ones of its ``Stage``. Every default is a no-op.

    ``"sample"`` and ``"stochastic-beam"`` draw, and accept every setting but those of beam search.
    ``"greedy"`` and ``"beam"`` accept no setting that only changes how tokens are drawn.

    Raises:
        SettingError: A value is out of its range, or two settings contradict each other.
    """

    batch_size: int = setting(
        64, "Number of items generated in parallel; affects only the speed.", min=1
    )
    seed: int = setting(
        0, "Random seed; item INDEX of a seed is always the same.", min=0, max=2**63 - 1
    )

    def __post_init__(self) -> None:
        check_settings(self)
        check_names({}, self.components)
        drawing = self._changed(DRAWING)
        temperatures = [name for name in drawing if name in TEMPERATURES]
        if len(temperatures) > 1:
            raise SettingError(
                f"{temperatures[0]} and {temperatures[1]} contradict each other; set one of them",
                *temperatures,
            )
        if self.sampler in DETERMINISTIC and drawing:
            raise SettingError(
                f"{drawing[0]} changes how tokens are drawn, and the {self.sampler} sampler draws "
                f"none; was {getattr(self, drawing[0])!r}: remove it or use the sampler 'sample'",
                drawing[0],
                "sampler",
            )
        beam = self._changed([item.name for item in fields(BeamOptions)])
        if self.sampler != "beam" and beam:
            raise SettingError(
                f"{beam[0]} belongs to the sampler 'beam', and the sampler is "
                f"{self.sampler!r}; was {getattr(self, beam[0])!r}: remove it or use 'beam'",
                beam[0],
                "sampler",
            )
        if self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise SettingError(
                f"min_tokens must be <= max_tokens, were {self.min_tokens} and {self.max_tokens}",
                "min_tokens",
                "max_tokens",
            )

    @property
    def without_lookahead(self) -> list[str]:
        """The active settings that exclude tokens without look-ahead."""
        return self._changed(WITHOUT_LOOKAHEAD)

    def _changed(self, names: Sequence[str]) -> list[str]:
        """Those of the settings that differ from their default."""
        return [name for name in names if getattr(self, name) != getattr(type(self), name)]


def excluded_settings(explicit: Mapping[str, Any]) -> set[str]:
    """The settings that explicit ones exclude, so that presets and saved values do not apply.

    Args:
        explicit: Values by name.
    """
    excluded: set[str] = set()
    if not explicit.keys().isdisjoint(TEMPERATURES):
        excluded.update(TEMPERATURES)
    if explicit.get("sampler") in DETERMINISTIC:
        excluded.update(DRAWING)
    return excluded - explicit.keys()


def override_settings(saved: SamplingConfig, explicit: Mapping[str, Any]) -> SamplingConfig:
    """Explicit settings over saved ones; the settings that they exclude get their defaults.

    Raises:
        SettingError: A value is out of its range, or two explicit ones contradict each other.
    """
    excluded = {name: getattr(SamplingConfig, name) for name in excluded_settings(explicit)}
    return replace(saved, **excluded, **explicit)


def parse_pairs(name: str, text: str) -> list[tuple[str, str]]:
    """``'a:1 b:2'`` as pairs, each name once."""
    pairs = [part.partition(":") for part in text.split()]
    wrong = [left + colon + right for left, colon, right in pairs if not (left and colon and right)]
    if wrong:
        raise SettingError(f"{name}: pairs like 'a:1 b:2' are expected, was {wrong[0]!r}", name)
    names = [left for left, _, _ in pairs]
    if not names or len(set(names)) < len(names):
        twice = next((left for left in names if names.count(left) > 1), None)
        problem = f"{twice!r} occurs twice" if twice else "no pair"
        raise SettingError(f"{name}: {problem}, was {text!r}", name)
    return [(left, right) for left, _, right in pairs]


def parse_positions(name: str, text: str) -> list[tuple[int, str]]:
    """``'0:a 3:b'`` as pairs of a position and a text, each position once."""
    pairs = parse_pairs(name, text)
    wrong = [left for left, _ in pairs if not left.isdecimal()]
    if wrong:
        raise SettingError(f"{name}: a position must be an integer >= 0, was {wrong[0]!r}", name)
    positions = [int(left) for left, _ in pairs]
    if len(set(positions)) < len(positions):
        raise SettingError(f"{name}: a position occurs twice, was {text!r}", name)
    return list(zip(positions, (right for _, right in pairs), strict=True))
