"""The recipe: the settings of a run, from presets and flags, and whether a model already has it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, final

from seqgen.domains.domain import Domain
from seqgen.domains.registry import LoadedDomain
from seqgen.errors import ModelFileError, PluginError
from seqgen.generation.config import GenerateConfig, contradicted
from seqgen.models.config import ModelConfig
from seqgen.models.model_file import read_manifest
from seqgen.runs.data import DataCard
from seqgen.settings import settings_from, settings_to
from seqgen.training.config import TrainConfig

CONFIGS = {"model": ModelConfig, "training": TrainConfig, "generation": GenerateConfig}
#: How many samples a run makes when neither the flags nor the domain say.
COUNT = 10


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a run."""

    model: ModelConfig
    training: TrainConfig
    generation: GenerateConfig
    count: int = COUNT

    @classmethod
    def of(cls, domain: Domain, flags: Mapping[str, Any]) -> Recipe:
        """Defaults, over them the domain's presets, over them the flags that were given.

        Args:
            domain: Its ``presets``.
            flags: Values by setting name; None stands for a flag that was not given.

        Raises:
            PluginError: A preset is not the name of a setting.
            SettingError: A value is out of its range.
        """
        names = {config: {item.name for item in fields(kind)} for config, kind in CONFIGS.items()}
        unknown = set(domain.presets) - set().union(*names.values()) - {"count"}
        if unknown:
            raise PluginError(
                f"domain {domain.name!r} presets an unknown setting: {min(unknown)!r}"
            )
        given = {name: value for name, value in flags.items() if value is not None}
        away = contradicted(given)
        presets = {name: value for name, value in domain.presets.items() if name not in away}
        merged = {**presets, **given}
        parts: dict[str, Any] = {
            config: settings_from(
                kind, {name: merged[name] for name in merged if name in names[config]}, config
            )
            for config, kind in CONFIGS.items()
        }
        return cls(**parts, count=merged.get("count", COUNT))

    def identity(self, loaded: LoadedDomain, card: DataCard) -> str:
        """A hash of all that a trained model depends on: code, data and settings."""
        parts = [
            [loaded.domain.name, loaded.distribution, loaded.version],
            [card.digest, card.split],
            settings_to(self.model),
            settings_to(self.training),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def is_up_to_date(path: Path, identity: str) -> bool:
    """Whether the model file comes from the same code, data and settings, trained to its end."""
    if not path.exists():
        return False
    try:
        manifest = read_manifest(path)
    except ModelFileError:
        return False  # damaged or of another format: to be made anew
    ended = manifest.get("training_ended", {}).get("ended")
    return manifest.get("identity") == identity and ended != "interrupted"
