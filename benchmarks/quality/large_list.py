"""Held-out likelihood on a list that the project does not ship: n-gram, networks, mixture.

    python -m benchmarks.quality.large_list PATH [--split lecture|makemore|run] [--test PATH] [--minutes 15]

One item a line. The recipe is that of every run: the preset follows from the size of the list,
the minutes are planned by a probe, and whether the n-gram is mixed in is decided on validation
items. The held-out items are scored once; those that are not among the training items are
scored apart.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.quality.word_lists import (
    lecture_split,
    list_data,
    list_domain,
    list_in,
    makemore_split,
)
from seqgen.domains.encoder import Encoded
from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.io.run_folder import RunFolder
from seqgen.models.mixture import Mixture
from seqgen.models.model_file import TrainedModel
from seqgen.runs.dataset import RunData
from seqgen.runs.presets import choose_preset
from seqgen.runs.run_config import Run, RunConfig
from seqgen.runs.train import TrainingCallbacks, train_run
from seqgen.training.config import TrainConfig
from seqgen.training.split import Split


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--split",
    type=click.Choice(["lecture", "makemore", "run"]),
    default="lecture",
    show_default=True,
    help="80/10/10 of makemore's lectures, the 1,000 of makemore.py, or that of every run.",
)
@click.option("--test", type=click.Path(path_type=Path, exists=True), help="Held-out items.")
@click.option(
    "--minutes",
    type=float,
    default=15.0,
    show_default=True,
    help="0 plans nothing: the preset's epochs, and one network or as many as --seeds.",
)
@click.option("--preset", help="Instead of the one that the size gives.")
@click.option("--seeds", type=int, help="Instead of as many as the time allows.")
def main(
    path: Path,
    split: str,
    test: Path | None,
    minutes: float,
    preset: str | None,
    seeds: int | None,
) -> None:
    """Train on the list in PATH and print the table."""
    began, used = time.monotonic(), time.process_time()
    loaded = list_domain()
    config = RunConfig.build(loaded.domain, {"minutes": minutes or None, "seeds": seeds})
    data = _data(path, test, split, config.training)
    config = config.with_preset(choose_preset(preset, data.card.tokens))
    print(f"preset {config.describe_preset()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        trained, trainings = train_run(
            Run(loaded, config, data, RunFolder(Path(folder))),
            TrainingCallbacks(plan=lambda plan: print(plan.describe(), flush=True)),
            began=began,
        )
    wall, cpu = time.monotonic() - began, time.process_time() - used
    epochs = sum(len(training.history) for training in trainings)
    print(f"took {wall / 60:.1f} minutes, {cpu / 60:.1f} of CPU, {epochs} epochs in all\n")
    print("\n".join(table(trained, data)))


def _data(path: Path, test: Path | None, split: str, config: TrainConfig) -> RunData:
    items = list_in(path)
    if test is None:
        data = list_data(items, config)
        if split == "run":
            return data
        of_lecture = split == "lecture"
        count = len(items)
        chosen = lecture_split(count) if of_lecture else makemore_split(count, config.validation)
        return data.with_split(chosen)
    held_out = list_in(test)
    data = list_data([*items, *held_out], config)
    own = list_data(items, config).split
    train = tuple(sorted((*own.train, *own.held_out)))
    scored = tuple(range(len(items), len(items) + len(held_out)))
    return data.with_split(Split(train, own.validation, scored))


def table(trained: TrainedModel, data: RunData) -> list[str]:
    """The figures as lines of Markdown."""
    known = {entry.tokens.tobytes() for entry in data.part(data.split.train)}
    every = data.part(data.split.held_out)
    unseen = [entry for entry in every if entry.tokens.tobytes() not in known]
    ngram, networks = trained.ngram(), trained.networks
    models: dict[str, Any] = {f"Kneser-Ney {ngram.order}-gram": ngram, "one network": networks[0]}
    if len(networks) > 1:
        share = [1 / len(networks)] * len(networks)
        models[f"mean of {len(networks)} networks"] = Mixture(networks, share)
    share_of = f"the model (n-gram's share {trained.ngram_weight:.2f})"
    models[share_of] = trained.model
    columns = [_figures(models, part, data) for part in (every, unseen)]
    first = next(iter(models))
    rows = [
        f"| {name} | {' | '.join(_cells(column[name], column[first]) for column in columns)} |"
        for name in models
    ]
    return [
        f"{len(data.split.train):,} training items, {len(data.split.validation):,} for "
        f"validation, {len(every):,} held out, {len(unseen):,} of them unseen.",
        "",
        "| | nats per token | interval | minus n-gram, paired "
        "| unseen: nats per token | interval | minus n-gram, paired |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]


def _figures(
    models: dict[str, Any], items: Sequence[Encoded], data: RunData
) -> dict[str, Likelihood]:
    return {name: likelihood(m, items, data.encoder.vocabulary) for name, m in models.items()}


def _cells(figures: Likelihood, ngram: Likelihood) -> str:
    low, high = figures.interval()
    level = f"{figures.per_token:.3f} | {low:.3f} to {high:.3f}"
    if figures is ngram:
        return f"{level} | "
    gap = figures.minus(ngram)
    below, above = gap.interval()
    return f"{level} | {gap.per_token:+.3f} [{below:+.3f}, {above:+.3f}]"


if __name__ == "__main__":
    main()
