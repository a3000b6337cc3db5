"""Held-out likelihood on a list that the project does not ship: n-gram, networks, mixture.

    python -m benchmarks.quality.large_list PATH [--split lecture|makemore|run] [--test PATH]
        [--minutes 15]

One item per line. As in every run, the preset follows from the size of the list, a probe plans the
minutes, and the mixture weight is fitted on validation items. The held-out items are scored once;
the table also has the likelihood of those that are not among the training items.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks.quality.likelihood_cells import difference_cell, interval_cell
from benchmarks.quality.word_lists import (
    lecture_split,
    list_domain,
    makemore_split,
    prepare_list,
    read_lines,
)
from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.io.run_folder import RunFolder
from seqgen.models.model_file import TrainedModel
from seqgen.models.sequence_model import Mixture
from seqgen.runs.dataset import RunData
from seqgen.runs.presets import choose_preset
from seqgen.runs.run_config import Run, RunConfig
from seqgen.runs.train import TrainingCallbacks, train_run
from seqgen.training.split import Split
from seqgen.training.train_config import TrainConfig


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--split",
    type=click.Choice(["lecture", "makemore", "run"]),
    default="lecture",
    show_default=True,
    help="80/10/10 as in makemore's lectures, 1,000 items as in makemore.py, or as in every run.",
)
@click.option("--test", type=click.Path(path_type=Path, exists=True), help="Held-out items.")
@click.option(
    "--minutes",
    type=float,
    default=15.0,
    show_default=True,
    help="Training time; 0: the preset's epochs and --seeds networks (default 1).",
)
@click.option("--preset", help="Default: chosen by the size of the list.")
@click.option("--seeds", type=int, help="Number of networks; default: as many as the time allows.")
def main(
    path: Path,
    split: str,
    test: Path | None,
    minutes: float,
    preset: str | None,
    seeds: int | None,
) -> None:
    """Train on the list in PATH and print the table."""
    start, cpu_start = time.monotonic(), time.process_time()
    loaded = list_domain()
    config = RunConfig.build(loaded.domain, {"minutes": minutes or None, "seeds": seeds})
    data = _prepare_data(path, test, split, config.training)
    config = config.with_preset(choose_preset(preset, data.card.tokens))
    print(f"preset {config.describe_preset()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        trained, trainings = train_run(
            Run(loaded, config, data, RunFolder(Path(folder))),
            TrainingCallbacks(plan=lambda plan: print(plan.describe(), flush=True)),
            began=start,
        )
    wall, cpu = time.monotonic() - start, time.process_time() - cpu_start
    epochs = sum(len(training.history) for training in trainings)
    print(f"took {wall / 60:.1f} minutes, {cpu / 60:.1f} of CPU, {epochs} epochs in all\n")
    print("\n".join(table(trained, data)))


def _prepare_data(path: Path, test: Path | None, split: str, config: TrainConfig) -> RunData:
    items = read_lines(path)
    if test is None:
        data = prepare_list(items, config)
        if split == "lecture":
            return data.with_split(lecture_split(len(items)))
        if split == "makemore":
            return data.with_split(makemore_split(len(items), config.validation))
        return data
    held_out = read_lines(test)
    data = prepare_list([*items, *held_out], config)
    own = prepare_list(items, config).split
    train = tuple(sorted((*own.train, *own.held_out)))
    scored = tuple(range(len(items), len(items) + len(held_out)))
    return data.with_split(Split(train, own.validation, scored))


def table(trained: TrainedModel, data: RunData) -> list[str]:
    """The table as lines of Markdown."""
    training = {item.tokens.tobytes() for item in data.part(data.split.train)}
    held_out = data.part(data.split.held_out)
    unseen = [item for item in held_out if item.tokens.tobytes() not in training]
    ngram, networks = trained.ngram(), trained.networks
    models: dict[str, Any] = {f"Kneser-Ney {ngram.order}-gram": ngram, "one network": networks[0]}
    if len(networks) > 1:
        share = [1 / len(networks)] * len(networks)
        models[f"mean of {len(networks)} networks"] = Mixture(networks, share)
    models[f"the model (n-gram's share {trained.ngram_weight:.2f})"] = trained.model
    vocabulary = data.encoder.vocabulary
    columns = [
        [likelihood(model, items, vocabulary) for model in models.values()]
        for items in (held_out, unseen)
    ]
    rows = [
        f"| {name} | {' | '.join(_cells(column[row], column[0]) for column in columns)} |"
        for row, name in enumerate(models)
    ]
    return [
        f"{len(data.split.train):,} training items, {len(data.split.validation):,} validation "
        f"items, {len(held_out):,} held-out items, of these {len(unseen):,} unseen.",
        "",
        "| | nats per token | interval | minus n-gram, paired "
        "| unseen: nats per token | interval | minus n-gram, paired |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]


def _cells(figures: Likelihood, ngram: Likelihood) -> str:
    difference = "" if figures is ngram else difference_cell(figures, ngram)
    return f"{figures.per_token:.3f} | {interval_cell(figures)} | {difference}"


if __name__ == "__main__":
    main()
