"""Runs for tests, with every setting as a keyword argument."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqgen.io.run_folder import RunFolder
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.dataset import RunData
from seqgen.runs.presets import ChosenPreset
from seqgen.runs.run_config import Run, RunConfig
from seqgen.training.checkpoint import TrainingState
from seqgen.training.steps_per_execution import Execution


def make_run(
    loaded: LoadedDomain,
    data: RunData,
    folder: Path = Path("none"),
    chosen: ChosenPreset | None = None,
    **settings: Any,
) -> Run:
    """A run of some data.

    Args:
        loaded: The domain.
        data: The data.
        folder: The run folder.
        chosen: The preset under the settings.
        settings: See ``RunConfig.build``.
    """
    config = RunConfig.build(loaded.domain, settings).with_preset(chosen)
    return Run(loaded, config, data, RunFolder(folder))


def training_state() -> TrainingState:
    """The state of a training after one step, without weights."""
    return TrainingState((), {}, (), 1, 1, Execution("tensorflow", 1, False, 0), {})
