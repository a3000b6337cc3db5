"""Presets: settings for a corpus of a certain size, chosen by its number of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

from seqgen.errors import SettingError

#: The name that chooses a preset by the size of the corpus.
AUTO = "auto"


@final
@dataclass(frozen=True, slots=True)
class Preset:
    """Settings for one size of corpus, chosen on validation items.

    docs/benchmarks/presets.md has a row for each, made by ``benchmarks/quality/presets.py``.

    Args:
        name: Its name for ``--preset``.
        most_tokens: The largest corpus that it is chosen for, in tokens with end tokens; None
            without a bound.
        settings: By the names of ``ModelConfig`` and ``TrainConfig``.
    """

    name: str
    most_tokens: int | None
    settings: Mapping[str, Any]


def _preset(name: str, most_tokens: int | None, **settings: Any) -> Preset:
    return Preset(name, most_tokens, MappingProxyType(settings))


#: Smallest first.
PRESETS = (
    _preset(
        "tiny",
        50_000,
        units=128,
        embedding=32,
        dropout=0.5,
        weight_drop=0.4,
        ema=0.99,
        batch_size=32,
        learning_rate=0.004,
        epochs=100,
        patience=15,
    ),
    _preset(
        "small",
        150_000,
        units=192,
        embedding=48,
        dropout=0.4,
        weight_drop=0.4,
        ema=0.995,
        batch_size=64,
        learning_rate=0.004,
        epochs=50,
        patience=10,
    ),
    _preset(
        "medium",
        None,
        units=256,
        embedding=64,
        dropout=0.3,
        weight_drop=0.2,
        ema=0.998,
        batch_size=128,
        learning_rate=0.004,
        epochs=30,
        patience=6,
    ),
)
NAMES = tuple(preset.name for preset in PRESETS)
#: The names of the settings that every preset sets.
SETTINGS = frozenset(PRESETS[0].settings)


@final
@dataclass(frozen=True, slots=True)
class ChosenPreset:
    """The preset of a run.

    Args:
        preset: The preset.
        reason: Why it was chosen, with the size of the corpus if that decided.
        named: Whether the user named it, so that no other preset may replace it.
    """

    preset: Preset
    reason: str
    named: bool = False

    def to_json(self) -> dict[str, str]:
        """Its name and the reason."""
        return {"name": self.preset.name, "why": self.reason}


def preset_named(name: str) -> Preset:
    """The preset of a name.

    Raises:
        SettingError: There is none.
    """
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise SettingError(
        f"preset must be {AUTO} or one of {', '.join(NAMES)}, was {name!r}", "preset"
    )


def choose_preset(name: str | None, tokens: int) -> ChosenPreset:
    """The preset of a name or, for ``"auto"`` and None, the one for the size of the corpus.

    Args:
        name: ``"auto"``, the name of a preset, or None.
        tokens: Tokens of the corpus with end tokens.

    Raises:
        SettingError: There is no preset of that name.
    """
    if name not in (None, AUTO):
        return ChosenPreset(preset_named(str(name)), "as requested", named=True)
    bound = 0
    for preset in PRESETS:
        if preset.most_tokens is None:
            return ChosenPreset(
                preset, f"for more than {bound:,} tokens, the corpus has {tokens:,}"
            )
        bound = preset.most_tokens
        if tokens <= bound:
            return ChosenPreset(preset, f"for at most {bound:,} tokens, the corpus has {tokens:,}")
    raise AssertionError("the largest preset has no bound")
