"""The plan: what ``--minutes`` makes of its time, drawn up once from measured costs and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self, final

from seqgen.errors import SeqgenError
from seqgen.io.files import write_file
from seqgen.io.readers import read_json
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import DataCard
from seqgen.runs.presets import PRESETS, Choice, preset_named
from seqgen.runs.run_config import Recipe
from seqgen.runs.time_budget.costs import Costs
from seqgen.settings import settings_from
from seqgen.training.config import TrainConfig
from seqgen.training.deadline import Change
from seqgen.training.steps_per_execution import Execution

NAME = "plan.json"
#: The plan fills so much of the time, and training is stopped where it would take more than this.
FILLED, STOPPED = 0.96, 0.98
#: Networks whose mean the model is, where the time allows each its preset's epochs.
MOST_NETWORKS = 3
#: A preset that gets less than this share of its epochs gives way to the next smaller one.
LEAST_SHARE = 1 / 3
#: Nothing more is measured where measuring took more than this share of the time.
LARGEST_PROBING = 1 / 4
#: The bound of ``TrainConfig.epochs``.
MOST_EPOCHS = 100_000


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """How the time is used. It decides every setting that the clock had a say in, so a training
    that is gone on with, or made again, follows it and measures nothing.

    Args:
        key: A hash of what was asked for; a plan for anything else is not used.
        minutes: What was promised.
        preset: The preset of the networks; empty where there is none.
        why: Of the preset.
        epochs: Of each network.
        networks: How many.
        ema: Decay of the running mean of the weights, less than the preset's where the steps are
            so few that the mean would hold on to the first weights.
        training_seconds: What all networks have for their training.
        expected_minutes: What the whole command was reckoned to take.
        execution: How the steps are run.
        changes: The numbers of epochs that were changed on the way, in the order of deciding.
        settled: Whether training by it has ended, so that nothing more is changed.
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

    def applied(self, recipe: Recipe) -> Recipe:
        """The recipe that was asked for, with what the plan decides."""
        if self.preset:
            recipe = recipe.with_preset(Choice(preset_named(self.preset), self.why))
        # No early end: the last epochs, at low rates, are where a schedule is best. Only the user
        # may wish for one. The bound allows for epochs that come on the way.
        training = replace(
            recipe.training,
            epochs=self.epochs,
            seeds=self.networks,
            patience=int(recipe.flags.get("patience", MOST_EPOCHS)),
            ema=self.ema,
        )
        return replace(recipe, training=training)

    def in_words(self) -> str:
        """One line for people."""
        several = f"{self.networks} networks of {self.epochs} epochs" if self.networks > 1 else ""
        of = f"preset {self.preset}, " if self.preset else ""
        return (
            f"{of}{several or f'{self.epochs} epoch' + 's' * (self.epochs > 1)}: about "
            f"{self.expected_minutes:.1f} of the {self.minutes:g} minutes"
        )

    def save(self, folder: Path) -> None:
        """Write it to a run folder, before the training that it is for."""
        write_file(folder / NAME, json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")

    @classmethod
    def kept(cls, folder: Path, key: str) -> Self | None:
        """The plan of a run folder; None where there is none for what is asked.

        Raises:
            SeqgenError: It is damaged.
        """
        path = folder / NAME
        if not path.is_file():
            return None
        try:
            saved = cls._from_json(read_json(path), str(path))
            TrainConfig(epochs=saved.epochs, seeds=saved.networks, ema=saved.ema)
        except (SeqgenError, TypeError, AttributeError, KeyError) as error:
            raise SeqgenError(
                f"{path} is damaged ({error}); delete it to plan and train anew"
            ) from None
        return saved if saved.key == key else None

    @classmethod
    def _from_json(cls, values: Any, where: str) -> Self:
        parts = {
            "execution": settings_from(Execution, values["execution"], where),
            "changes": tuple(settings_from(Change, one, where) for one in values["changes"]),
        }
        return settings_from(cls, {**values, **parts}, where)


def plan_key(recipe: Recipe, loaded: LoadedDomain, card: DataCard) -> str:
    """A hash of all that a plan is for, measured times aside."""
    wish = recipe.choice.preset.name if recipe.choice and recipe.choice.named else ""
    parts = [recipe.identity(loaded, card), dict(recipe.asked), most_epochs(recipe), wish]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def planned(recipe: Recipe, loaded: LoadedDomain, card: DataCard, folder: Path) -> Recipe:
    """The recipe as the plan of a folder settles it; the recipe itself where there is none.

    Raises:
        SeqgenError: The plan is damaged.
    """
    if recipe.training.minutes is None:
        return recipe
    kept = Plan.kept(folder, plan_key(recipe, loaded, card))
    return recipe if kept is None else kept.applied(recipe)


def decided(recipe: Recipe) -> frozenset[str]:
    """The settings that a plan decides for a recipe, which hold nothing of what was asked for."""
    free = {"seeds", "ema"}.difference(recipe.asked) | {"patience"}.difference(recipe.flags)
    return frozenset({"epochs", *free})


def most_epochs(recipe: Recipe) -> int:
    """The epochs a plan may have: those that a user's ``--epochs`` allows.

    Those of a domain's presets are what it recommends where nobody gives a time; as a bound they
    would leave most of a longer time unused.
    """
    return int(recipe.flags.get("epochs", MOST_EPOCHS))


def draw_up(
    recipe: Recipe, key: str, costs_of: Callable[[Recipe], Costs], spent: Callable[[], float]
) -> Plan:
    """The plan that fills the minutes of a recipe.

    The recipe's own preset is kept as long as it gets a third of its epochs; else the next
    smaller one is measured. Where a network gets all its epochs, time that is left goes into
    more networks first and into more epochs then. What was asked for by name stays.

    Args:
        recipe: Its ``training.minutes`` is set.
        key: See ``plan_key``.
        costs_of: Measures a recipe.
        spent: Seconds since the command began.
    """
    minutes = recipe.training.minutes
    assert minutes is not None, "a plan is for a given time"
    drawn: list[_Draft] = []
    for tried in _smaller(recipe):
        drawn.append(_Draft.of(tried, costs_of(tried), FILLED * 60 * minutes - spent()))
        if drawn[-1].share >= LEAST_SHARE or spent() > LARGEST_PROBING * 60 * minutes:
            break
    best = max(drawn, key=lambda draft: min(draft.share, LEAST_SHARE))  # the first of equals
    costs, networks, choice = best.costs, best.networks, best.recipe.choice
    # What the probes of others took is gone from the time by now.
    within = costs.epochs_in(FILLED * 60 * minutes - spent(), networks)
    epochs = min(within, most_epochs(best.recipe))
    return Plan(
        key,
        minutes,
        choice.preset.name if choice else "",
        choice.why if choice else "",
        epochs,
        networks,
        _ema(best.recipe, epochs * costs.steps),
        max(STOPPED * 60 * minutes - spent() - costs.model - networks * costs.finish, 1.0),
        (spent() + costs.total(networks, epochs)) / 60,
        costs.execution,
    )


@final
@dataclass(frozen=True, slots=True)
class _Draft:
    """What the time would be used for over one preset.

    Args:
        recipe: Over that preset.
        costs: What it costs.
        networks: As many as each get all their epochs.
        share: The epochs that fit, over all of the preset's.
    """

    recipe: Recipe
    costs: Costs
    networks: int
    share: float

    @classmethod
    def of(cls, recipe: Recipe, costs: Costs, seconds: float) -> _Draft:
        networks = _networks(recipe, costs, seconds)
        share = costs.epochs_in(seconds, networks) / recipe.training.epochs
        return cls(recipe, costs, networks, share)


def _ema(recipe: Recipe, steps: int) -> float:
    """The decay of the running mean: its span is a tenth of the steps at most."""
    if "ema" in recipe.asked:
        return recipe.training.ema
    return min(recipe.training.ema, max(1 - 10 / steps, 0.0))


def _smaller(recipe: Recipe) -> list[Recipe]:
    """The recipe, and behind it the same over each smaller preset where it is free to be.

    A preset of which a domain or a user sets all is none to choose: it would be measured for
    nothing, and noise could have it taken.
    """
    if recipe.choice is None or recipe.choice.named:
        return [recipe]
    own = [preset.name for preset in PRESETS].index(recipe.choice.preset.name)
    why = f"{recipe.choice.preset.name} would need more than {recipe.training.minutes:g} minutes"
    found = [recipe]
    for preset in reversed(PRESETS[:own]):
        smaller = recipe.with_preset(Choice(preset, why))
        if not _trains_alike(smaller, found[-1]):
            found.append(smaller)
    return found


def _trains_alike(one: Recipe, other: Recipe) -> bool:
    """Whether a plan makes the same of both; patience it sets aside."""
    training = replace(one.training, patience=other.training.patience)
    return one.model == other.model and training == other.training


def _networks(recipe: Recipe, costs: Costs, seconds: float) -> int:
    """The most networks that each get all of their epochs; 1 where not even that one does."""
    if "seeds" in recipe.asked:
        return recipe.training.seeds
    enough = [
        networks
        for networks in range(1, MOST_NETWORKS + 1)
        if costs.total(networks, recipe.training.epochs) <= seconds
    ]
    return max(enough, default=1)
