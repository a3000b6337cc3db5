"""Plan: what ``--minutes`` makes of its time; stored in the run folder and followed by resumes."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self, final

from seqgen.errors import SeqgenError
from seqgen.io.atomic_files import write_file
from seqgen.io.read_data import read_json
from seqgen.runs.presets import ChosenPreset, preset_named
from seqgen.runs.run_config import Run, RunConfig
from seqgen.settings import settings_from
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import Deadline
from seqgen.training.train_config import TrainConfig

NAME = "plan.json"
#: Earlier names in the file.
EARLIER = {"at_once": "steps_per_call", "lengths": "max_lengths"}
#: The bound of ``TrainConfig.epochs``.
MOST_EPOCHS = 100_000


@final
@dataclass(frozen=True, slots=True)
class Change:
    """A change of the number of epochs.

    Args:
        network: The number of the network, from 1.
        epoch: The epoch after which it was decided.
        epochs: The new number of epochs, finished ones included.
    """

    network: int
    epoch: int
    epochs: int


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """How the time is used. It chooses every setting that depends on measured times, so that a
    training that is resumed or repeated follows it and measures nothing.

    Args:
        key: A hash of the configuration; a plan for any other is not used.
        minutes: The time budget.
        preset: The preset of the networks; empty without one.
        why: The reason for the preset.
        epochs: The epochs of each network.
        networks: The number of networks.
        ema: The decay of the moving average of the weights, smaller than the preset's if the
            steps are so few that the average would be dominated by the first weights.
        training_seconds: The time for training all networks.
        expected_minutes: The estimated time of the entire command.
        execution: How the steps are run.
        changes: The changes of the number of epochs during training, in order.
        settled: Whether training by it has ended, so that nothing is changed any more.
    """

    key: str
    minutes: float
    preset: str
    why: str
    epochs: int
    networks: int
    ema: float
    training_seconds: float
    expected_minutes: float
    execution: Execution
    changes: tuple[Change, ...] = ()
    settled: bool = False

    def applied(self, run: Run) -> Run:
        """The run with the settings that the plan chooses."""
        config = run.config
        if self.preset:
            config = config.with_preset(ChosenPreset(preset_named(self.preset), self.why))
        # No early stopping unless the user sets it: a schedule is best in its last epochs, at low
        # rates.
        training = replace(
            config.training,
            epochs=self.epochs,
            seeds=self.networks,
            patience=int(config.settings.get("patience", MOST_EPOCHS)),
            ema=self.ema,
        )
        return replace(run, config=replace(config, training=training))

    def describe(self) -> str:
        """One line for people."""
        several = f"{self.networks} networks of {self.epochs} epochs" if self.networks > 1 else ""
        of = f"preset {self.preset}, " if self.preset else ""
        return (
            f"{of}{several or f'{self.epochs} epoch' + 's' * (self.epochs > 1)}: about "
            f"{self.expected_minutes:.1f} of the {self.minutes:g} minutes"
        )

    def save(self, folder: Path) -> None:
        """Write it to a run folder."""
        write_file(folder / NAME, json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")

    @classmethod
    def load(cls, folder: Path, key: str) -> Self | None:
        """The plan of a run folder; None if there is none for this configuration.

        Raises:
            SeqgenError: It is damaged.
        """
        path = folder / NAME
        if not path.is_file():
            return None
        try:
            values = read_json(path)
            execution = {EARLIER.get(k, k): v for k, v in values["execution"].items()}
            parts = {
                "execution": settings_from(Execution, execution, str(path)),
                "changes": tuple(settings_from(Change, c, str(path)) for c in values["changes"]),
            }
            plan = settings_from(cls, {**values, **parts}, str(path))
            TrainConfig(epochs=plan.epochs, seeds=plan.networks, ema=plan.ema)
        except (SeqgenError, TypeError, AttributeError, KeyError) as error:
            raise SeqgenError(
                f"{path} is damaged ({error}); delete it to plan and train again"
            ) from None
        return plan if plan.key == key else None


@final
class PlannedTraining:
    """Gives each network of a run its time by a plan.

    A change is written to the plan before it takes effect, so that a training that is resumed, or
    repeated with the same plan, changes the same at the same epoch.

    Args:
        plan: The plan.
        run: The run; the user's ``--epochs`` limits the epochs.
    """

    def __init__(self, plan: Plan, run: Run) -> None:
        self.plan, self._folder = plan, run.folder.path
        self._max_epochs = max_epochs(run.config)

    def deadline(self, network: int, spent: float) -> Deadline:
        """The deadline of a network: an equal share of the remaining time.

        Args:
            network: Its number, from 1.
            spent: Seconds of training of the earlier networks.
        """
        left = max(self.plan.training_seconds - spent, 0.0) / (self.plan.networks - network + 1)
        changes = {one.epoch: one.epochs for one in self.plan.changes if one.network == network}
        on_change = functools.partial(self._change, network)
        return Deadline(left, changes, self.plan.settled, self._max_epochs, on_change)

    def settle(self) -> None:
        """Training has ended: a later training with this plan changes nothing more."""
        self._replace(replace(self.plan, settled=True))

    def _change(self, network: int, epoch: int, epochs: int) -> None:
        change = Change(network, epoch, epochs)
        self._replace(replace(self.plan, changes=(*self.plan.changes, change)))

    def _replace(self, plan: Plan) -> None:
        self.plan = plan
        plan.save(self._folder)


def plan_key(run: Run) -> str:
    """A hash of all that a plan is for, without measured times."""
    config = run.config
    preset = config.preset.preset.name if config.preset and config.preset.named else ""
    parts = [run.identity(), dict(config.overrides), max_epochs(config), preset]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def apply_saved_plan(run: Run) -> Run:
    """The run with the settings of the plan in its folder; unchanged without one.

    Raises:
        SeqgenError: The plan is damaged.
    """
    plan = Plan.load(run.folder.path, plan_key(run))
    return run if plan is None else plan.applied(run)


def planned_settings(config: RunConfig) -> frozenset[str]:
    """The settings that a plan chooses for a configuration."""
    free = {"seeds", "ema"}.difference(config.overrides) | {"patience"}.difference(config.settings)
    return frozenset({"epochs", *free})


def max_epochs(config: RunConfig) -> int:
    """The maximum number of epochs of a plan: the user's ``--epochs``.

    The epochs of a domain's presets are a recommendation for training without a time budget; as
    a maximum they would leave most of a longer time unused.
    """
    return int(config.settings.get("epochs", MOST_EPOCHS))
