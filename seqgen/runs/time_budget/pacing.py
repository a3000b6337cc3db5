"""Pacing: a plan followed while networks are trained, and every change of it kept in its file."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import final

from seqgen.runs.run_config import Recipe
from seqgen.runs.time_budget.plan import Plan, most_epochs
from seqgen.training.deadline import Change, Deadline


@final
class Pacing:
    """Gives the networks of a run their time by a plan.

    A change is written to the plan before it takes effect. So a training that is gone on with,
    or made again by the same plan, changes the same at the same place.

    Args:
        plan: The plan.
        folder: Where it is kept.
        recipe: What it is applied to; a user's ``--epochs`` are the most there are.
    """

    def __init__(self, plan: Plan, folder: Path, recipe: Recipe) -> None:
        self.plan, self._folder = plan, folder
        self._most = most_epochs(recipe)

    def deadline(self, network: int, spent: float) -> Deadline:
        """The deadline of a network: an equal share of what is left.

        Args:
            network: Its number, from 1.
            spent: Seconds that the networks before it were trained.
        """
        left = max(self.plan.training_seconds - spent, 0.0) / (self.plan.networks - network + 1)
        kept = {one.epoch: one.epochs for one in self.plan.changes if one.network == network}
        decided = functools.partial(self._change, network)
        return Deadline(left, kept, self.plan.settled, self._most, decided)

    def settle(self) -> None:
        """Training has ended: whoever follows the plan from now on changes nothing."""
        self._replace(replace(self.plan, settled=True))

    def _change(self, network: int, epoch: int, epochs: int) -> None:
        change = Change(network, epoch, epochs)
        self._replace(replace(self.plan, changes=(*self.plan.changes, change)))

    def _replace(self, plan: Plan) -> None:
        self.plan = plan
        plan.save(self._folder)
