"""seqgen run: the whole way, from data to a trained model and its samples."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli.domain_flags import (
    BEST_FLAG,
    JSON_FLAG,
    PRESET_FLAG,
    TENSORBOARD_FLAG,
    data_and_recipe,
    flags_of_domain,
    prompt_options,
)
from seqgen.cli.flags import flags_of, given, with_flags
from seqgen.cli.main import INTERRUPTED
from seqgen.cli.output import Output
from seqgen.cli.target import TargetCommand
from seqgen.domains.registry import LoadedDomain, load_domain
from seqgen.generation.config import GenerateConfig
from seqgen.models.config import ModelConfig
from seqgen.runs.demands import Demands
from seqgen.runs.presets import SETTINGS
from seqgen.training.config import TrainConfig

if TYPE_CHECKING:
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.data import RunData
    from seqgen.runs.recipe import Recipe
    from seqgen.runs.request import Request
    from seqgen.runs.run_folder import RunFolder

#: So many samples are shown when they are not also written to files.
SHOWN = 5


@click.command("run", cls=TargetCommand, extend=flags_of_domain)
@click.argument("domain")
@click.option("--data", type=click.Path(path_type=Path), help="Your own data: a file or folder.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder to use.")
@click.option("--generate", is_flag=True, help="Write samples to files in the run folder.")
@click.option(
    "--train", is_flag=True, help="With --generate: train even where the plugin ships a model."
)
@click.option(
    "-n", "--count", "--takes", "count", type=click.IntRange(min=1), help="How many samples."
)
@BEST_FLAG
@click.option("--prompt", default="", help="What every sample begins with.")
@with_flags(flags_of(Demands))
@PRESET_FLAG
@TENSORBOARD_FLAG
@JSON_FLAG
@with_flags(flags_of(ModelConfig, TrainConfig, GenerateConfig, by_preset=SETTINGS))
def command(domain: str, **flags: Any) -> int:
    """Train on a DOMAIN and show what the model makes.

    DOMAIN is the name of an installed plugin (see: seqgen plugins) or the path of a .py file.
    Training is skipped when the run folder has a model of the same data and settings. With
    --generate the model that the plugin ships is used, where it ships one, until you train or
    give data of your own.
    """
    return execute(domain, flags, sample=True)


def execute(name: str, flags: Mapping[str, Any], sample: bool, resume: bool = False) -> int:
    """Train where needed, then sample; gives the exit code.

    Args:
        name: The domain.
        flags: All flags of the command.
        sample: Whether samples are made.
        resume: Whether the training must be the one that stands in the run folder.
    """
    from seqgen.runs.item_files import check_best
    from seqgen.runs.recipe import CONFIGS
    from seqgen.runs.refused_items import tell_refused
    from seqgen.runs.request import Request
    from seqgen.runs.run_folder import RunFolder
    from seqgen.runs.sample_run import check_request
    from seqgen.runs.shipped import shipped_model
    from seqgen.runs.stopped import check_resumed
    from seqgen.training.tensorboard import check_tensorboard

    began = time.monotonic()
    out = Output(flags["as_json"])
    if flags["tensorboard"]:
        check_tensorboard()
    loaded = load_domain(name)
    folder = RunFolder.choose(loaded.domain.name, flags["data"], flags["out"])
    shipped = shipped_model(loaded.domain, flags, folder) if sample else None
    if shipped is not None:
        return _run_shipped(out, loaded, shipped, flags, folder)
    options = prompt_options(loaded, flags) if sample else None
    data, recipe = data_and_recipe(loaded, flags)
    if sample:
        # A wish that cannot be met is told before the training that it would waste.
        check_best(loaded.domain, flags["best"], recipe.count)
        check_request(loaded.domain, data.encoder, options, flags["prompt"])
    if flags["data"] is not None and (refused := tell_refused(loaded.domain, data)):
        out.warn(refused)
    own = (loaded.domain.data_options, loaded.domain.encoder_options)
    kinds = (*CONFIGS.values(), *own)
    names = {"preset", *(item.name for kind in kinds for item in fields(kind))}
    asked = {flag: value for flag, value in flags.items() if flag in names}
    request = Request.of(name, flags["data"], asked)
    if resume:
        check_resumed(loaded, data.card, recipe, folder, request)
    events = folder.events if flags["tensorboard"] else None
    trained, ended = _trained(out, loaded, data, recipe, folder, request, events, began)
    result = {
        "domain": loaded.domain.name,
        "model": str(folder.model),
        "data_card": data.card.to_json(),
        "training": trained.manifest["training_ended"],
        "metrics": trained.manifest["metrics"],
    }
    if ended == "interrupted":
        out.say(f"Interrupted: the best model so far is in {folder.model}. Use it with:")
        file = f" --domain {name}" if name.endswith(".py") else ""
        out.say(f"  seqgen generate {folder.model}{file}")
        out.say("Go on with the training by the same command, or with:")
        out.say(f"  seqgen train --resume {folder.path}")
        out.json(result)
        return INTERRUPTED
    if sample:
        result |= _sample(out, loaded, trained, recipe, options, flags, folder, folder.model)
    out.json(result)
    return 0


def _run_shipped(
    out: Output, loaded: LoadedDomain, model: Path, flags: Mapping[str, Any], folder: RunFolder
) -> int:
    """Samples of the model that the plugin ships."""
    from seqgen.models.model_file import load_model
    from seqgen.runs.item_files import check_best
    from seqgen.runs.recipe import Recipe

    recipe = Recipe.of(loaded.domain, flags)
    check_best(loaded.domain, flags["best"], recipe.count)
    options = prompt_options(loaded, flags)
    trained = load_model(model, loaded)
    card = trained.manifest["data_card"]
    out.say(
        f"using the model that {loaded.distribution} ships, trained on its own {card['items']:,} "
        "items; --train trains anew, --data FILE on yours\n"
    )
    result = {
        "domain": loaded.domain.name,
        "model": str(model),
        "data_card": card,
        "training": trained.manifest["training_ended"],
        "metrics": trained.manifest["metrics"],
    }
    out.json(result | _sample(out, loaded, trained, recipe, options, flags, folder, model))
    return 0


def _trained(
    out: Output,
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    request: Request,
    events: Path | None,
    began: float,
) -> tuple[TrainedModel, str]:
    """The model of the run folder, trained now unless it is up to date, and how training ended."""
    from seqgen.cli.progress import TrainingLine
    from seqgen.cli.show import show_card, show_figures, show_preset
    from seqgen.cli.tell_training import tell_anew, tell_stopped, tell_training
    from seqgen.models.model_file import load_model
    from seqgen.runs.plan import planned
    from seqgen.runs.stopped import stopped
    from seqgen.runs.train_run import train_run
    from seqgen.runs.up_to_date import is_up_to_date, what_changed

    show_card(out, loaded.domain.name, data.card)
    show_preset(out, recipe)
    followed = planned(recipe, loaded, data.card, folder.path)
    if is_up_to_date(folder.model, followed.identity(loaded, data.card)):
        out.say(
            f"\n{folder.model} is up to date with this data and these settings: not trained again"
        )
        trained = load_model(folder.model, loaded)
    else:
        changed = what_changed(folder.model, followed, loaded, data.card)
        if changed:
            tell_anew(out, folder, changed, request.domain)
        tell_stopped(out, stopped(loaded, data.card, followed, folder))
        with TrainingLine(recipe.training.seeds) as line:
            trained, trainings = train_run(
                loaded,
                data,
                recipe,
                folder,
                line.show,
                events,
                line.follow,
                began,
                request=request,
            )
        tell_training(out, trained, trainings, folder)
    show_figures(out, trained.manifest["metrics"]["held_out"])
    return trained, str(trained.manifest["training_ended"]["ended"])


def _sample(
    out: Output,
    loaded: LoadedDomain,
    trained: TrainedModel,
    recipe: Recipe,
    options: Any,
    flags: Mapping[str, Any],
    folder: RunFolder,
    model: Path,
) -> dict[str, Any]:
    """Show samples and, with ``--generate``, write them to files."""
    from seqgen.cli.show import show_samples, tell_samples, warn_of_draws
    from seqgen.runs.copy_limit import CopyLimit
    from seqgen.runs.item_files import keep_best, write_items
    from seqgen.runs.receipt import Origin
    from seqgen.runs.sample_run import SampleRun

    demands = Demands(**given(flags, Demands))
    run = SampleRun(
        loaded.domain,
        trained,
        recipe.generation,
        options,
        flags["prompt"],
        demands=demands,
        copies=CopyLimit.wanted(demands, model, loaded, trained),
        origin=Origin.of(model, loaded),
    )
    warn_of_draws(out, run, stream=False)
    items = list(run.first(recipe.count))
    tell_samples(out, run, items, recipe.count)
    items = keep_best(loaded.domain, items, flags["best"])
    show_samples(out, loaded.domain, items if not flags["generate"] else items[:SHOWN])
    result: dict[str, Any] = {"samples": [item.to_json() for item in items]}
    if flags["generate"]:
        earlier = folder.keep_previous_samples()
        if earlier is not None:
            out.say(f"\nthe samples of an earlier run are now in {earlier}")
        files = write_items(loaded.domain, items, folder.samples)
        out.say(f"\nwrote {len(items)} sample{'s' * (len(items) > 1)} to:")
        for path in files:
            out.say(f"  {path}")
        result["files"] = [str(path) for path in files]
    return result
