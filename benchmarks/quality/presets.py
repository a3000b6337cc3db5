"""Presets beside their alternatives, a corpus a size, compared on validation items alone.

    python -m benchmarks.quality.presets [--sizes tiny small medium] [--list PATH] [--kept FILE]

Every trial trains one network to its end. The page is docs/benchmarks/presets.md.
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
    list_data,
    list_domain,
    list_in,
)
from seqgen.domains.domain import load_corpus
from seqgen.evaluation.baselines import fit_ngram
from seqgen.evaluation.likelihood import token_nats
from seqgen.evaluation.mixture_weight import fit_weight
from seqgen.io.files import write_file
from seqgen.io.run_folder import RunFolder
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.presets import PRESETS, ChosenPreset, preset_named
from seqgen.runs.run_config import Run, RunConfig
from seqgen.runs.train_networks import fit, import_keras_rnn, make_numpy_rnn
from seqgen.runs.training_batches import execution_for, model_shape
from seqgen.training.config import TrainConfig

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "presets.md"
#: By size: what is changed of the preset, or the name of another preset.
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
#: By size: what else there is to say of it.
NOTES = {
    "tiny": " [quality.md](quality.md) uses these settings for its folds.",
    "small": "",
    "medium": " [large_list.md](large_list.md) shows how they were chosen: more units and dropout"
    " are better here, but gained nothing on those names and take nearly twice the time.",
}


@dataclass(frozen=True)
class Trial:
    """What one network came to.

    Args:
        corpus: What it was trained on.
        settings: The settings that a preset has, as they were.
        network: Nats per token on the validation items, the network alone.
        mixture: The same mixed with the n-gram.
        ngram: The n-gram alone.
        epochs: Until it ended.
        best: The epoch that was kept.
        parameters: Numbers learned.
        cpu: Seconds of all threads.
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
    "--list", "path", type=click.Path(path_type=Path, exists=True), help="For medium, your own."
)
@click.option(
    "--kept", type=click.Path(path_type=Path), help="Trials that stand there are not run again."
)
@click.option("--trials", type=int, help="So many new ones at most.")
def main(sizes: tuple[str, ...], path: Path | None, kept: Path | None, trials: int | None) -> None:
    """Train every alternative, one after the other, and write the page."""
    done = json.loads(kept.read_text()) if kept and kept.exists() else {}
    most = len(done) + (trials or sum(map(len, TRIALS.values())))
    for size in sizes:
        corpus, loaded, data = _corpus(size, path)
        for name, changed in TRIALS[size].items():
            if f"{size}/{name}" not in done and len(done) < most:
                trial = run_trial(corpus, loaded, data, _config(loaded, size, changed))
                done[f"{size}/{name}"] = asdict(trial)
                print(f"{size}, {name}: {trial}", flush=True)
                if kept:
                    write_file(kept, json.dumps(done, indent=2) + "\n")
    text = "\n".join(page({key: Trial(**value) for key, value in done.items()})) + "\n"
    print(text)
    if kept or len(done) == sum(map(len, TRIALS.values())):
        write_file(PAGE, text)


def _corpus(size: str, path: Path | None) -> tuple[str, LoadedDomain, RunData]:
    """What a size is tried on, in words, its domain, and its data."""
    if size == "tiny":
        loaded = load_domain("dinos")
        own = load_corpus(loaded.domain, None, loaded.domain.data_options())
        data = prepare_data(loaded.domain, own, TrainConfig())
        return _told("dinosaur names", data), loaded, data
    if size == "medium" and path is not None:
        items = list_in(path)
        data = list_data(items, TrainConfig()).with_split(lecture_split(len(items)))
        return _told("a list of the user's", data), list_domain(), data
    names = identifiers()
    part = names if size == "medium" else names[::4]
    what = "identifiers" if size == "medium" else "every fourth identifier"
    data = list_data(part, TrainConfig())
    return _told(f"{what} of the standard library", data), list_domain(), data


def _told(what: str, data: RunData) -> str:
    return f"{what}: {data.card.items:,} items, {data.card.tokens:,} tokens"


def _config(loaded: LoadedDomain, size: str, changed: Mapping[str, Any]) -> RunConfig:
    name = changed.get("preset", size)
    flags = {key: value for key, value in changed.items() if key != "preset"}
    preset = ChosenPreset(preset_named(name), "tried")
    return RunConfig.build(loaded.domain, flags).with_preset(preset)


def run_trial(corpus: str, loaded: LoadedDomain, data: RunData, config: RunConfig) -> Trial:
    """Train one network and score it on the validation items."""
    vocabulary, validation = data.encoder.vocabulary, data.part(data.split.validation)
    ngram = fit_ngram(data.part(data.split.train), validation, vocabulary)
    began = time.process_time()
    run, seed = Run(loaded, config, data, RunFolder(Path("none"))), config.training.seed
    model = import_keras_rnn(seed)(config.model, model_shape(data), seed)
    execution = execution_for(run, config.training.epochs)
    training = fit(model, run, config.training, execution, lambda report: None)
    cpu = time.process_time() - began
    assert training.best is not None, "one epoch at least was finished"
    network = make_numpy_rnn(model, run)
    own, other = (
        np.concatenate(token_nats(part, validation, vocabulary)) for part in (network, ngram)
    )
    weight = fit_weight(own, other)
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


def page(found: Mapping[str, Trial]) -> list[str]:
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
        own = {name: found.get(f"{size}/{name}") for name in trials}
        bound = preset_named(size).most_tokens
        settings = ", ".join(
            f"{k.replace('_', ' ')} {v}" for k, v in preset_named(size).settings.items()
        )
        lines += ["", f"## {size}: {f'up to {bound:,} tokens' if bound else 'more tokens'}", ""]
        lines += [f"{settings[0].upper()}{settings[1:]}.{NOTES[size]}", ""]
        tried = next((trial for trial in own.values() if trial), None)
        if tried is not None:
            lines += [f"Evaluated on {tried.corpus}. The n-gram has {tried.ngram:.3f}.", ""]
        lines += ["| | network | with the n-gram | parameters | epochs, best | CPU seconds |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_row(name, trial) for name, trial in own.items()]
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
