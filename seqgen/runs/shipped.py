"""The model that a plugin ships: when a run uses it instead of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from seqgen.domains.domain import Domain
from seqgen.generation.config import GenerateConfig
from seqgen.models.config import ModelConfig
from seqgen.runs.run_folder import RunFolder
from seqgen.training.config import TrainConfig

#: Flags beside the settings that ask for a training.
ASKING = ("train", "data", "preset", "tensorboard")


def shipped_model(domain: Domain, flags: Mapping[str, Any], folder: RunFolder) -> Path | None:
    """The model that the plugin ships, where samples are wanted and nothing asks for a training.

    Data of the user's own, a setting of the network or of training, and a run folder with a
    model or a stopped training all do. What generation has a setting for as well ("seed") is
    meant for generation.

    Args:
        domain: Its ``model``.
        flags: As they were given, by name; None or False for a flag that was not.
        folder: Where the run would be.
    """
    if domain.model is None or not flags.get("generate"):
        return None
    kinds = (ModelConfig, TrainConfig, domain.data_options, domain.encoder_options)
    settings = {item.name for kind in kinds for item in fields(kind)}
    settings -= {item.name for item in fields(GenerateConfig)}
    if any(flags.get(name) not in (None, False) for name in ASKING):
        return None
    if any(flags.get(name) is not None for name in settings):
        return None
    if folder.model.exists() or folder.checkpoint(0).exists():
        return None
    return domain.model
