"""seqgen run: train a model and generate samples."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli import options
from seqgen.cli.console_output import (
    Output,
    describe_model,
    notice_rejection,
    notice_sampling,
    print_samples,
)
from seqgen.cli.main import INTERRUPTED
from seqgen.cli.options import TargetCommand
from seqgen.cli.train import report_interrupt, train_model
from seqgen.domains.domain import Domain
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import (
    Constraints,
    GenerationConfig,
    select_generation_settings,
)
from seqgen.inference.open_model import OpenModel
from seqgen.io.run_folder import RunFolder
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.presets import SETTINGS
from seqgen.settings import setting_names
from seqgen.training.stop_conditions import StopReason
from seqgen.training.train_config import TrainConfig

if TYPE_CHECKING:
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.runs.run_config import Run

#: Options that require a training, apart from settings.
TRAINING_OPTIONS = ("train", "data", "preset", "tensorboard")
#: This many samples are printed if they are also written to files.
PRINTED = 5


def shipped_model(domain: Domain, flags: Mapping[str, Any], folder: RunFolder) -> Path | None:
    """The model that the plugin ships, if samples are requested and nothing requires a training.

    Data, settings of the network or of training, and a run folder with a model or a stopped
    training require one. A setting that generation has too ("seed") is one of generation.

    Args:
        domain: Its ``model``.
        flags: Options by name; None or False for one that is not set.
        folder: The run folder.
    """
    if domain.model is None or not flags.get("generate"):
        return None
    kinds = (ModelConfig, TrainConfig, domain.data_options, domain.encoding_options)
    settings = setting_names(*kinds) - setting_names(SamplingConfig)
    if any(flags.get(name) not in (None, False) for name in TRAINING_OPTIONS):
        return None
    if any(flags.get(name) is not None for name in settings):
        return None
    if folder.model.exists() or folder.checkpoint(0).exists():
        return None
    return domain.model


@click.command("run", cls=TargetCommand, resolve=options.named_domain)
@click.argument("domain")
@options.DATA
@options.RUN_FOLDER
@options.option(
    "--generate", "Write samples to files in the run folder.", group="Output", is_flag=True
)
@options.option(
    "--train",
    "With --generate: train even if the plugin ships a model.",
    group="Training",
    common=False,
    is_flag=True,
)
@options.COUNT
@options.BEST
@options.PROMPT
@options.PRESET
@options.TENSORBOARD
@options.JSON
@options.settings(
    {
        "Constraints": Constraints,
        "Model": ModelConfig,
        "Training": TrainConfig,
        "Sampling": SamplingConfig,
    },
    SETTINGS,
)
def command(domain: LoadedDomain, **flags: Any) -> int:
    """Train a model of a DOMAIN and show samples of it.

    DOMAIN is the name of an installed plugin (see: seqgen plugins) or the path of a .py file.
    Training is skipped if the run folder has a model of the same data and settings. With
    --generate the model that the plugin ships is used, if it ships one, until you train or use
    data of your own.
    """
    from seqgen.runs.run_config import Run, RunConfig

    began, out = time.monotonic(), Output(flags["as_json"])
    if flags["tensorboard"]:
        from seqgen.training.history import check_tensorboard

        check_tensorboard()
    folder = RunFolder.choose(domain.domain.name, flags["data"], flags["out"])
    config = RunConfig.build(domain.domain, flags)
    settings = select_generation_settings(domain.domain, flags)
    generation = GenerationConfig.build(
        domain.domain, settings, config.sampling, config.count, config.best
    )
    shipped = shipped_model(domain.domain, flags, folder)
    if shipped is not None:
        model = _open_shipped(out, domain, shipped)
        result = describe_model(shipped, model.trained, model.trained.manifest["data_card"])
    else:
        run = Run.prepare(domain, config, flags["data"], folder)
        _check_generation(run, generation)
        model = OpenModel(domain, train_model(out, run, flags, began), folder.model)
        result = describe_model(folder.model, model.trained, run.data.card.to_json())
        if result["training"]["ended"] == StopReason.INTERRUPTED:
            report_interrupt(out, run)
            out.json(result)
            return INTERRUPTED
    items = _generate(out, model, generation)
    files = _write(out, domain, items, folder) if flags["generate"] else []
    print_samples(out, domain.domain, items, files, PRINTED if flags["generate"] else None)
    if files:
        out.print(f"\nwrote {len(items)} sample{'s' * (len(items) > 1)} to:")
        for path in files:
            out.print(f"  {path}")
        result["files"] = [str(path) for path in files]
    out.json({**result, "samples": [item.to_dict() for item in items]})
    return 0


def _open_shipped(out: Output, loaded: LoadedDomain, path: Path) -> OpenModel:
    from seqgen.models.model_file import load_model

    model = OpenModel(loaded, load_model(path, loaded), path)
    out.print(
        f"using the model that {loaded.distribution} ships, trained on its own "
        f"{model.trained.manifest['data_card']['items']:,} items; --train trains a new one, "
        "--data FILE on your data\n"
    )
    return model


def _check_generation(run: Run, generation: GenerationConfig) -> None:
    """Check the options and the prompt before a training that samples depend on.

    Raises:
        SeqgenError: The guide or the prompt is not possible.
    """
    from seqgen.inference.item_generator import build_guide

    build_guide(run.loaded.domain, run.data.encoder, generation)
    run.data.encoder.prompt(generation.prompt)


def _generate(out: Output, model: OpenModel, config: GenerationConfig) -> list[GeneratedItem]:
    from seqgen.inference.generated_items import select_best

    generator = model.item_generator(config, receipts=True)
    notice_rejection(out, generator, stream=False)
    items = list(generator.first(config.count))
    notice_sampling(out, generator, items, config.count)
    return select_best(model.loaded.domain, items, config.best)


def _write(
    out: Output, loaded: LoadedDomain, items: Sequence[GeneratedItem], folder: RunFolder
) -> list[Path]:
    """Write samples to the run folder, after renaming those of an earlier run."""
    from seqgen.inference.generated_items import write_items

    earlier = folder.keep_previous_samples()
    if earlier is not None:
        out.print(f"\nthe samples of an earlier run are now in {earlier}")
    return write_items(loaded.domain, items, folder.samples)
