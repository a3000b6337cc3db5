"""seqgen run: the whole way, from data to a trained model and its samples."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli.console import Output
from seqgen.cli.dynamic_command import TargetCommand
from seqgen.cli.main import INTERRUPTED
from seqgen.cli.options import (
    BEST_FLAG,
    JSON_FLAG,
    PRESET_FLAG,
    TENSORBOARD_FLAG,
    flags_of,
    flags_of_domain,
    given,
    with_flags,
)
from seqgen.cli.training_command import Asked, AskedTraining, Invocation, model_of, tell_interrupt
from seqgen.domains.domain import Domain
from seqgen.generation.config import SamplingConfig
from seqgen.inference.constraints import Demands
from seqgen.models.config import ModelConfig
from seqgen.registry.registry import load_domain
from seqgen.runs.presets import SETTINGS
from seqgen.runs.run_folder import RunFolder
from seqgen.training.config import TrainConfig

if TYPE_CHECKING:
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.models.model_file import TrainedModel


#: Flags beside the settings that ask for a training.
ASKING = ("train", "data", "preset", "tensorboard")


def shipped_model(domain: Domain, flags: Mapping[str, Any], folder: RunFolder) -> Path | None:
    """The model that the plugin ships, where samples are wanted and nothing asks for a training.

    Data of the user's own, a setting of the network or of training, and a run folder with a
    model or a stopped training all do. What generation has a setting for as well ("seed") is
    meant for generation.

    Args:
        domain: Its ``model``.
        flags: As they were given, by name; None or False for a flag that was not.
        folder: Where the run would be.
    """
    if domain.model is None or not flags.get("generate"):
        return None
    kinds = (ModelConfig, TrainConfig, domain.data_options, domain.encoding_options)
    settings = {item.name for kind in kinds for item in fields(kind)}
    settings -= {item.name for item in fields(SamplingConfig)}
    if any(flags.get(name) not in (None, False) for name in ASKING):
        return None
    if any(flags.get(name) is not None for name in settings):
        return None
    if folder.model.exists() or folder.checkpoint(0).exists():
        return None
    return domain.model


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
@with_flags(flags_of(ModelConfig, TrainConfig, SamplingConfig, by_preset=SETTINGS))
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
    from seqgen.runs.run_folder import RunFolder
    from seqgen.training.tensorboard import check_tensorboard

    began = time.monotonic()
    out = Output(flags["as_json"])
    if flags["tensorboard"]:
        check_tensorboard()
    loaded = load_domain(name)
    folder = RunFolder.choose(loaded.domain.name, flags["data"], flags["out"])
    invocation = Invocation(out, name, loaded, folder, flags, sample)
    shipped = shipped_model(loaded.domain, flags, folder) if sample else None
    if shipped is not None:
        return _run_shipped(invocation, shipped)
    training = AskedTraining.of(invocation, resume)
    trained = model_of(training, began)
    result = _result(invocation, trained, folder.model, training.data.card.to_json())
    if trained.manifest["training_ended"]["ended"] == "interrupted":
        tell_interrupt(invocation)
        out.json(result)
        return INTERRUPTED
    if sample:
        result |= _sample(training.asked, trained, folder.model)
    out.json(result)
    return 0


def _run_shipped(invocation: Invocation, model: Path) -> int:
    """Samples of the model that the plugin ships."""
    from seqgen.models.model_file import load_model

    asked = Asked.of_shipped(invocation)
    trained = load_model(model, invocation.loaded)
    card = trained.manifest["data_card"]
    invocation.out.say(
        f"using the model that {invocation.loaded.distribution} ships, trained on its own "
        f"{card['items']:,} items; --train trains anew, --data FILE on yours\n"
    )
    result = _result(invocation, trained, model, card)
    invocation.out.json(result | _sample(asked, trained, model))
    return 0


def _result(
    invocation: Invocation, trained: TrainedModel, model: Path, card: Mapping[str, Any]
) -> dict[str, Any]:
    """What ``--json`` says of the model."""
    return {
        "domain": invocation.loaded.domain.name,
        "model": str(model),
        "data_card": card,
        "training": trained.manifest["training_ended"],
        "metrics": trained.manifest["metrics"],
    }


def _sample(asked: Asked, trained: TrainedModel, model: Path) -> dict[str, Any]:
    """Show samples and, with ``--generate``, write them to files."""
    from seqgen.cli.display import show_samples, tell_samples, warn_of_draws
    from seqgen.inference.copy_limit import CopyLimit
    from seqgen.inference.generated_items import keep_best
    from seqgen.inference.item_generator import SampleRun
    from seqgen.inference.receipt import Origin

    out, loaded, flags = asked.invocation.out, asked.invocation.loaded, asked.invocation.flags
    demands = Demands(**given(flags, Demands))
    run = SampleRun(
        loaded.domain,
        trained,
        asked.recipe.generation,
        asked.options,
        flags["prompt"],
        demands=demands,
        copies=CopyLimit.wanted(demands, model, loaded, trained),
        origin=Origin.of(model, loaded),
    )
    warn_of_draws(out, run, stream=False)
    items = list(run.first(asked.recipe.count))
    tell_samples(out, run, items, asked.recipe.count)
    items = keep_best(loaded.domain, items, flags["best"])
    show_samples(out, loaded.domain, items if not flags["generate"] else items[:SHOWN])
    result: dict[str, Any] = {"samples": [item.to_json() for item in items]}
    if flags["generate"]:
        result["files"] = _write(asked.invocation, items)
    return result


def _write(invocation: Invocation, items: Sequence[GeneratedItem]) -> list[str]:
    """Write samples to the run folder, those of an earlier run moved aside; gives the files."""
    from seqgen.inference.generated_items import write_items

    out = invocation.out
    earlier = invocation.folder.keep_previous_samples()
    if earlier is not None:
        out.say(f"\nthe samples of an earlier run are now in {earlier}")
    files = write_items(invocation.loaded.domain, items, invocation.folder.samples)
    out.say(f"\nwrote {len(items)} sample{'s' * (len(items) > 1)} to:")
    for path in files:
        out.say(f"  {path}")
    return [str(path) for path in files]
