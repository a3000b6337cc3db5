"""Presets: settings that suit a corpus of a certain size, chosen by how many tokens it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

from seqgen.errors import SettingError

#: Chooses by the size of the corpus.
AUTO = "auto"


@final
@dataclass(frozen=True, slots=True)
class Preset:
    """Settings for one size of corpus, chosen on validation items.

    Each is justified by a row of docs/benchmarks/presets.md, made by ``benchmarks/quality/presets.py``.

    Args:
        name: What ``--preset`` calls it.
        most_tokens: The largest corpus that it is chosen for, end tokens counted; None without
            a bound.
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
#: What every preset sets.
SETTINGS = frozenset(PRESETS[0].settings)


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """The preset of a run.

    Args:
        preset: The preset.
        why: In words, with the size of the corpus where that decided.
        named: Whether it was asked for by name, so that nothing else may take its place.
    """

    preset: Preset
    why: str
    named: bool = False

    def to_json(self) -> dict[str, str]:
        """Its name and the reason."""
        return {"name": self.preset.name, "why": self.why}


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


def check_preset(wish: str | None) -> None:
    """Hold a wish against the names there are, before the data is read.

    Raises:
        SettingError: It is none of them.
    """
    if wish not in (None, AUTO):
        assert wish is not None
        preset_named(wish)


def choose_preset(wish: str | None, tokens: int) -> Choice:
    """The preset that was named or, for ``auto`` and None, the one for so many tokens.

    Args:
        wish: ``"auto"``, the name of a preset, or None for nothing said.
        tokens: Tokens of the corpus, end tokens counted.

    Raises:
        SettingError: There is no preset of that name.
    """
    check_preset(wish)
    if wish not in (None, AUTO):
        assert wish is not None
        return Choice(preset_named(wish), "as asked", named=True)
    bound = 0
    for preset in PRESETS:
        if preset.most_tokens is None:
            return Choice(preset, f"for more than {bound:,} tokens, the corpus has {tokens:,}")
        bound = preset.most_tokens
        if tokens <= bound:
            return Choice(preset, f"for at most {bound:,} tokens, the corpus has {tokens:,}")
    raise AssertionError("the largest preset has no bound")
