"""Metrics: the score of a model on items, next to those of its baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from seqgen.evaluation.describe_scores import describe_difference, remarks, score_rows


@final
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Metrics:
    """Negative log-likelihood of items in nats per token, end tokens included; less is better.

    ``print(metrics)`` shows the table of ``seqgen inspect`` and ``seqgen evaluate``.

    Args:
        values: The same as JSON values, as ``--json`` prints them.
        name: What the items are.
    """

    values: Mapping[str, Any]
    name: str = "items"

    @property
    def nats_per_token(self) -> float:
        """The score of the model."""
        return float(self.values["nats_per_token"])

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval by bootstrap over groups of items; NaN if there is one group."""
        low, high = (math.nan if bound is None else bound for bound in self.values["interval"])
        return low, high

    @property
    def perplexity(self) -> float:
        """``exp(nats_per_token)``."""
        return math.exp(self.nats_per_token)

    @property
    def baselines(self) -> dict[str, float]:
        """The nats per token of the ``uniform``, ``unigram`` and ``ngram`` model."""
        return {name: self.values["baselines"][name] for name in ("uniform", "unigram", "ngram")}

    @property
    def minus_ngram(self) -> tuple[float, float, float]:
        """Nats per token of the model minus the n-gram, and the 95 % interval of that."""
        found = self.values["minus_ngram"]
        low, high = (math.nan if bound is None else bound for bound in found["interval"])
        return float(found["nats_per_token"]), low, high

    @property
    def items(self) -> int:
        """The number of items."""
        return int(self.values["items"])

    @property
    def in_training_data(self) -> int:
        """How many of them the model was trained on; such items say nothing about new ones."""
        return int(self.values.get("in_training_data", 0))

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON values."""
        return dict(self.values)

    def rows(self) -> list[tuple[str, str, str]]:
        """The rows of a table: model, nats per token, 95 % interval."""
        return score_rows(self.values)

    def notes(self) -> list[str]:
        """What a reader must know about the scores, a sentence each."""
        known = self.in_training_data
        first = (
            f"{known} of {self.items} items occur in the training data of this model."
            if known
            else describe_difference(self.values["minus_ngram"])
        )
        return [first, *remarks(self.values)]

    def summary(self) -> str:
        """The score, its interval and the n-gram's in one line."""
        low, high = self.interval
        between = "" if math.isnan(low) else f" [{low:.3f}, {high:.3f}]"
        name = self.name if self.items != 1 else self.name.removesuffix("s")
        known = f", {self.in_training_data} of them training items" if self.in_training_data else ""
        order = self.values["baselines"]["ngram_order"]
        return (
            f"{self.nats_per_token:.3f} nats per token{between} on {self.items:,} {name}{known} "
            f"({order}-gram {self.baselines['ngram']:.3f})"
        )

    def __repr__(self) -> str:
        return f"<Metrics: {self.summary()}>"

    def __str__(self) -> str:
        head = (f"{self.items:,} {self.name}", "nats per token", "95 % interval")
        rows = [head, *self.rows()]
        first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
        lines = [f"{a:<{first}}  {b:>{second}}  {c}".rstrip() for a, b, c in rows]
        return "\n".join([*lines, *self.notes()])

    def to_html(self) -> str:
        """The table and the notes, without styles."""
        from seqgen.api.notebook_html import scores_html

        return scores_html(f"{self.items:,} {self.name}", self.rows(), self.notes())

    def _repr_html_(self) -> str:
        from seqgen.api.notebook_html import page_part

        return page_part(self.to_html())
