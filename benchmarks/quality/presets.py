"""Presets compared with alternatives on validation items, one corpus per size.

    python -m benchmarks.quality.presets [--sizes tiny --sizes small] [--list PATH] [--results FILE]

Every trial trains one network until training ends. Writes ``docs/benchmarks/presets.md``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.quality.word_lists import (
    identifiers,
    lecture_split,
    list_domain,
    prepare_list,
    read_lines,
)
from benchmarks.timing import PAGES
from seqgen.domains.domain import load_corpus
from seqgen.evaluation.baselines import fit_ngram
from seqgen.evaluation.likelihood import token_nats
from seqgen.evaluation.ngram_mixture_weight import fit_weight
from seqgen.io.atomic_files import write_file
from seqgen.io.run_folder import RunFolder
from seqgen.registry.installed_plugins import LoadedDomain, load_domain
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.presets import PRESETS, ChosenPreset, preset_named
from seqgen.runs.run_config import Run, RunConfig
from seqgen.runs.train_networks import fit, import_keras_rnn, make_numpy_rnn
from seqgen.runs.training_batches import execution_for, model_shape
from seqgen.training.train_config import TrainConfig

PAGE = PAGES / "presets.md"
#: The trials of each size: changed settings of the preset, or the name of another preset.
TRIALS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "tiny": {
        "the preset": {},
        "half the units": {"units": 64},
        "twice the units": {"units": 256},
        "no weight-drop": {"weight_drop": 0.0},
    },
    "small": {
        "the preset": {},
        "settings of `tiny`": {"preset": "tiny"},
        "settings of `medium`": {"preset": "medium"},
    },
    "medium": {
        "the preset": {},
        "settings of `small`": {"preset": "small"},
        "more units and dropout": {"units": 384, "dropout": 0.4, "weight_drop": 0.3},
        "no weight-drop": {"weight_drop": 0.0},
    },
}
#: A remark about each size.
NOTES = {
    "tiny": " [quality.md](quality.md) uses these settings for its folds.",
    "small": "",
    "medium": " [large_list.md](large_list.md) shows how they were chosen: more units and dropout"
    " are better here, but gained nothing on those names and take nearly twice the time.",
}


@dataclass(frozen=True)
class Trial:
    """The result of one training.

    Args:
        corpus: The training data.
        settings: The values of the settings that presets contain.
        network: Nats per token of the network on the validation items.
        mixture: Nats per token of its mixture with the n-gram.
        ngram: Nats per token of the n-gram.
        epochs: The number of epochs.
        best: The best epoch, whose weights are used.
        parameters: The number of parameters.
        cpu: CPU seconds of all threads.
    """

    corpus: str
    settings: Mapping[str, Any]
    network: float
    mixture: float
    ngram: float
    epochs: int
    best: int
    parameters: int
    cpu: float


@click.command()
@click.option("--sizes", multiple=True, type=click.Choice(list(TRIALS)), default=list(TRIALS))
@click.option(
    "--list", "path", type=click.Path(path_type=Path, exists=True), help="A list for medium."
)
@click.option(
    "--results", type=click.Path(path_type=Path), help="Store trials here, and skip stored ones."
)
@click.option("--trials", type=int, help="Maximum number of new trials.")
def main(
    sizes: tuple[str, ...], path: Path | None, results: Path | None, trials: int | None
) -> None:
    """Train with every alternative and write the page."""
    stored = json.loads(results.read_text()) if results and results.exists() else {}
    all_trials = sum(map(len, TRIALS.values()))
    limit = len(stored) + (trials or all_trials)
    for size in sizes:
        corpus, loaded, data = _load_corpus(size, path)
        for name, changes in TRIALS[size].items():
            if f"{size}/{name}" not in stored and len(stored) < limit:
                trial = run_trial(corpus, loaded, data, _build_config(loaded, size, changes))
                stored[f"{size}/{name}"] = asdict(trial)
                print(f"{size}, {name}: {trial}", flush=True)
                if results:
                    write_file(results, json.dumps(stored, indent=2) + "\n")
    text = "\n".join(page({key: Trial(**value) for key, value in stored.items()})) + "\n"
    print(text)
    if results or len(stored) == all_trials:
        write_file(PAGE, text)


def _load_corpus(size: str, path: Path | None) -> tuple[str, LoadedDomain, RunData]:
    """A description of the corpus of a size, its domain, and its data."""
    if size == "tiny":
        loaded = load_domain("dinos")
        corpus = load_corpus(loaded.domain, None, loaded.domain.data_options())
        data = prepare_data(loaded.domain, corpus, TrainConfig())
        return _describe("dinosaur names", data), loaded, data
    if size == "medium" and path is not None:
        items = read_lines(path)
        data = prepare_list(items, TrainConfig()).with_split(lecture_split(len(items)))
        return _describe("a list of the user's", data), list_domain(), data
    names, what = identifiers(), "identifiers"
    if size == "small":
        names, what = names[::4], "every fourth identifier"
    data = prepare_list(names, TrainConfig())
    return _describe(f"{what} of the standard library", data), list_domain(), data


def _describe(what: str, data: RunData) -> str:
    return f"{what}: {data.card.items:,} items, {data.card.tokens:,} tokens"


def _build_config(loaded: LoadedDomain, size: str, changes: Mapping[str, Any]) -> RunConfig:
    name = changes.get("preset", size)
    flags = {key: value for key, value in changes.items() if key != "preset"}
    preset = ChosenPreset(preset_named(name), "compared")
    return RunConfig.build(loaded.domain, flags).with_preset(preset)


def run_trial(corpus: str, loaded: LoadedDomain, data: RunData, config: RunConfig) -> Trial:
    """Train one network and score it on the validation items."""
    vocabulary, validation = data.encoder.vocabulary, data.part(data.split.validation)
    ngram = fit_ngram(data.part(data.split.train), validation, vocabulary)
    start = time.process_time()
    run, seed = Run(loaded, config, data, RunFolder(Path("none"))), config.training.seed
    model = import_keras_rnn(seed)(config.model, model_shape(data), seed)
    execution = execution_for(run, config.training.epochs)
    training = fit(model, run, config.training, execution, lambda report: None)
    cpu = time.process_time() - start
    assert training.best is not None, "no epoch was completed"
    network = make_numpy_rnn(model, run)
    own, other = (
        np.concatenate(token_nats(part, validation, vocabulary)) for part in (network, ngram)
    )
    weight = fit_weight(own, other)
    with np.errstate(divide="ignore"):  # the weight can be 0 or 1
        mixed = -np.logaddexp(np.log1p(-weight) - own, np.log(weight) - other)
    settings = {**asdict(config.model), **asdict(config.training)}
    return Trial(
        corpus,
        {name: settings[name] for name in PRESETS[0].settings},
        float(own.mean()),
        float(mixed.mean()),
        float(other.mean()),
        len(training.history),
        training.best.epoch,
        network.parameters,
        cpu,
    )


def page(results: Mapping[str, Trial]) -> list[str]:
    """The page as lines of Markdown."""
    lines = [
        "# Presets",
        "",
        "Generated by `python -m benchmarks.quality.presets`. Nats per token on validation items",
        "including the end token; the held-out items are not used. Each row is one network with",
        "one seed, so differences below about 0.01 are not significant. The mixture weight is",
        "fitted on the same items. CPU seconds are from a busy machine and vary by several times.",
    ]
    for size, trials in TRIALS.items():
        by_name = {name: results.get(f"{size}/{name}") for name in trials}
        preset = preset_named(size)
        limit = f"up to {preset.most_tokens:,} tokens" if preset.most_tokens else "more tokens"
        settings = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in preset.settings.items())
        lines += ["", f"## {size}: {limit}", ""]
        lines += [f"{settings[0].upper()}{settings[1:]}.{NOTES[size]}", ""]
        first = next((trial for trial in by_name.values() if trial), None)
        if first is not None:
            lines += [f"Evaluated on {first.corpus}. The n-gram has {first.ngram:.3f}.", ""]
        lines += ["| | network | with the n-gram | parameters | epochs, best | CPU seconds |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_row(name, trial) for name, trial in by_name.items()]
    return lines


def _row(name: str, trial: Trial | None) -> str:
    if trial is None:
        return f"| {name} | not run | | | | |"
    return (
        f"| {name} | {trial.network:.3f} | {trial.mixture:.3f} | {trial.parameters:,} | "
        f"{trial.epochs}, {trial.best} | {trial.cpu:.0f} |"
    )


if __name__ == "__main__":
    main()
