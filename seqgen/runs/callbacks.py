"""Listeners: who is told how a training goes, whatever it is part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from seqgen.runs.time_budget.plan import Plan
from seqgen.training.history import EpochReport

#: Called after each epoch with its report and the number of the network, from 1.
OnEpoch = Callable[[EpochReport, int], None]


@final
@dataclass(frozen=True, slots=True)
class Listeners:
    """What is called on the way through a training.

    Args:
        epoch: Told of each epoch.
        plan: Told of the plan that ``--minutes`` led to, before training begins.
        scoring: Told that training is over and how it ended (see ``Training``), before the
            model is scored, which takes minutes where much is held out.
    """

    epoch: OnEpoch = lambda report, network: None
    plan: Callable[[Plan], None] = lambda plan: None
    scoring: Callable[[str], None] = lambda ended: None
