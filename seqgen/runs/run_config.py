"""The recipe: the settings of a run, from presets and flags."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, final

from seqgen.domains.domain import Domain
from seqgen.errors import PluginError
from seqgen.generation.config import SamplingConfig, contradicted
from seqgen.models.config import ModelConfig
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import DataCard
from seqgen.runs.presets import Choice
from seqgen.runs.run_folder import RunFolder
from seqgen.settings import settings_from, settings_to
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.config import TrainConfig

CONFIGS = {"model": ModelConfig, "training": TrainConfig, "generation": SamplingConfig}
#: How many samples a run makes when neither the flags nor the domain say.
COUNT = 10


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a run.

    Args:
        model: The shape of the network.
        training: How it is trained.
        generation: How samples are drawn.
        count: How many samples a run makes.
        asked: The domain's presets and the user's flags over them, by setting name: what wins
            over a preset.
        choice: The preset under them; None where only the defaults are.
        flags: The user's flags alone, by setting name.
    """

    model: ModelConfig
    training: TrainConfig
    generation: SamplingConfig
    count: int = COUNT
    asked: Mapping[str, Any] = field(default_factory=dict)
    choice: Choice | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, domain: Domain, flags: Mapping[str, Any], choice: Choice | None = None) -> Recipe:
        """Defaults, over them a preset, the domain's presets, and the flags that were given.

        Args:
            domain: Its ``presets``.
            flags: Values by setting name; None stands for a flag that was not given.
            choice: The preset; None while the size of the corpus is not known.

        Raises:
            PluginError: A preset of the domain is not the name of a setting.
            SettingError: A value is out of its range.
        """
        known = set().union(*_names().values()) | {"count"}
        unknown = set(domain.presets) - known
        if unknown:
            raise PluginError(
                f"domain {domain.name!r} presets an unknown setting: {min(unknown)!r}"
            )
        given = {name: value for name, value in flags.items() if value is not None}
        away = contradicted(given)
        presets = {name: value for name, value in domain.presets.items() if name not in away}
        merged = {**presets, **given}
        of_user = {name: value for name, value in given.items() if name in known}
        return cls._from({name: merged[name] for name in merged if name in known}, choice, of_user)

    def with_preset(self, choice: Choice) -> Recipe:
        """The recipe over another preset.

        Args:
            choice: The preset.
        """
        return self._from(self.asked, choice, self.flags)

    def preset_in_words(self) -> str:
        """The preset, why it was chosen, and what was set over it: one line."""
        if self.choice is None:
            return "no preset"
        over = [name for name in self.asked if name in self.choice.preset.settings]
        kept = f"; not from it: {', '.join(over)}" if over else ""
        return f"{self.choice.preset.name}: {self.choice.why}{kept}"

    @classmethod
    def _from(
        cls, asked: Mapping[str, Any], choice: Choice | None, flags: Mapping[str, Any]
    ) -> Recipe:
        merged = {**(choice.preset.settings if choice else {}), **asked}
        parts: dict[str, Any] = {
            config: settings_from(
                CONFIGS[config], {name: merged[name] for name in merged if name in names}, config
            )
            for config, names in _names().items()
        }
        count = merged.get("count", COUNT)
        return cls(**parts, count=count, asked=asked, choice=choice, flags=flags)

    def identity(self, loaded: LoadedDomain, card: DataCard) -> str:
        """A hash of all that a trained model depends on: code, data and settings."""
        parts = [
            [loaded.domain.name, loaded.distribution, loaded.version],
            [card.digest, card.split],
            settings_to(self.model),
            settings_to(self.training),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _names() -> dict[str, set[str]]:
    """The names of the settings of each kind."""
    return {config: {item.name for item in fields(kind)} for config, kind in CONFIGS.items()}


def checkpoint_of(
    loaded: LoadedDomain, card: DataCard, recipe: Recipe, folder: RunFolder, network: int
) -> Checkpoint:
    """The checkpoint of a network, counted from 0: known by all that its training depends on."""
    return Checkpoint(folder.checkpoint(network), f"{recipe.identity(loaded, card)} {network}")
