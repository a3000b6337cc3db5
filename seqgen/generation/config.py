"""SamplingConfig: the settings of generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from seqgen.errors import SettingError
from seqgen.settings import check_settings, setting

#: Samplers that find several items together, each different from the others.
SEARCHES = ("beam", "stochastic-beam")
SAMPLERS = ("sample", "greedy", *SEARCHES)
#: Samplers that draw nothing: they go by what is likeliest.
LIKELIEST = ("greedy", "beam")
#: Settings that only beam search has.
BEAM = ("beams", "length_penalty")
#: Settings of which one excludes the others.
TEMPERATURES = ("temperature", "temperature_schedule", "temperature_groups")
#: Settings that forbid tokens without a look ahead: they may leave a row no way on.
BLIND = ("ban", "force", "min_tokens", "no_repeat_ngram")
#: Settings that only change how tokens are drawn.
DRAWING = (
    "temperature",
    "temperature_schedule",
    "temperature_groups",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingConfig:
    """How tokens are chosen. With the model file, the prompt, the seed and an index it
    determines a sample.

    The order is fixed: the guide, then ``ban``, ``force`` and ``min_tokens``, no-repeat
    n-gram, repetition penalty, temperature, recall, top-k, top-p, min-p, typical. Every default
    changes nothing.

    ``"sample"`` and ``"stochastic-beam"`` draw and take every setting but those of beam search.
    ``"greedy"`` and ``"beam"`` take no setting that only changes how tokens are drawn.

    Raises:
        SettingError: A value is out of its range, or two settings contradict each other.
    """

    sampler: str = setting(
        "sample",
        "Draw items; the likeliest token each time; the likeliest items; different items drawn.",
        choices=SAMPLERS,
    )
    beams: int = setting(
        10, "Beginnings that beam search keeps, and the most items it gives.", min=1, max=10_000
    )
    length_penalty: float = setting(
        0.0,
        "Beam search ranks by log-probability over length to this power; above 0 favours long.",
        min=0.0,
        max=5.0,
    )
    temperature: float = setting(
        1.0, "Below 1 safer, above 1 wilder; 1 is the model itself.", min=0.001, max=100.0
    )
    temperature_schedule: str = setting(
        "", "Temperature by position, linear between: '0:1.3 10:0.8'."
    )
    temperature_groups: str = setting(
        "", "Temperature by the domain's token groups: 'pitch:1.2 rhythm:0.7'."
    )
    recall: float = setting(
        0.0,
        "Share with which an item goes on as it went on before, after the same tokens.",
        min=0.0,
        below=1.0,
    )
    recall_after: int = setting(
        4, "How many equal tokens recall asks for, by the domain's keys.", min=1
    )
    top_k: int = setting(0, "Draw from the k likeliest tokens only; 0 from all.", min=0)
    top_p: float = setting(
        1.0, "Draw from the likeliest tokens that make up this share.", above=0.0, max=1.0
    )
    min_p: float = setting(
        0.0, "Draw only tokens this share as likely as the likeliest.", min=0.0, max=1.0
    )
    typical_p: float = setting(
        1.0, "Draw from the most typical tokens that make up this share.", above=0.0, max=1.0
    )
    repetition_penalty: float = setting(
        1.0, "Makes tokens that came already less likely.", min=1.0, max=100.0
    )
    no_repeat_ngram: int = setting(0, "Let no n tokens in a row come twice; 0 lets them.", min=0)
    ban: str = setting("", "Symbols that never come, parted by spaces.")
    force: str = setting("", "Symbols that must come at positions: '0:a 3:o'.")
    min_tokens: int = setting(0, "Shortest item in tokens.", min=0)
    max_tokens: int | None = setting(
        None, "Longest item in tokens; by default four times the longest training item.", min=1
    )
    batch_size: int = setting(64, "Items generated side by side; changes only the speed.", min=1)
    seed: int = setting(
        0, "Seeds the draws; item INDEX of a seed is always the same.", min=0, max=2**63 - 1
    )

    def __post_init__(self) -> None:
        check_settings(self)
        drawing = self._changed(DRAWING)
        temperatures = [name for name in drawing if name.startswith("temperature")]
        if len(temperatures) > 1:
            raise SettingError(
                f"{temperatures[0]} and {temperatures[1]} contradict each other; give one of them",
                *temperatures,
            )
        if self.sampler in LIKELIEST and drawing:
            raise SettingError(
                f"{drawing[0]} changes how tokens are drawn, and the {self.sampler} sampler draws "
                f"none; was {getattr(self, drawing[0])!r}: leave it out or use the sampler 'sample'",
                drawing[0],
                "sampler",
            )
        searching = self._changed(BEAM)
        if self.sampler != "beam" and searching:
            raise SettingError(
                f"{searching[0]} belongs to the sampler 'beam', and the sampler is "
                f"{self.sampler!r}; was {getattr(self, searching[0])!r}: leave it out or use 'beam'",
                searching[0],
                "sampler",
            )
        if self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise SettingError(
                f"min_tokens must be <= max_tokens, were {self.min_tokens} and {self.max_tokens}",
                "min_tokens",
                "max_tokens",
            )

    @property
    def blind(self) -> list[str]:
        """The settings in use that forbid tokens without a look ahead."""
        return self._changed(BLIND)

    def _changed(self, names: tuple[str, ...]) -> list[str]:
        """Those of the settings that are not at their default."""
        plain = {item.name: item.default for item in fields(self)}
        return [name for name in names if getattr(self, name) != plain[name]]


def contradicted(given: Mapping[str, Any]) -> set[str]:
    """The settings that those which were given exclude: presets and saved values give way.

    Args:
        given: Settings by name.
    """
    found: set[str] = set()
    if not given.keys().isdisjoint(TEMPERATURES):
        found.update(TEMPERATURES)
    if given.get("sampler") in LIKELIEST:
        found.update(DRAWING)
    return found - given.keys()


def changed(saved: SamplingConfig, given: Mapping[str, Any]) -> SamplingConfig:
    """Other settings over saved ones; what they exclude goes back to its default.

    Raises:
        SettingError: A value is out of its range, or two of the given ones contradict.
    """
    plain: dict[str, Any] = {item.name: item.default for item in fields(saved)}
    return replace(saved, **{name: plain[name] for name in contradicted(given)}, **given)
