"""seqgen generate: samples of a model file. Loads neither Keras nor TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli.console import Output
from seqgen.cli.dynamic_command import TargetCommand
from seqgen.cli.options import (
    BEST_FLAG,
    DOMAIN_FLAG,
    JSON_FLAG,
    MODEL_ARGUMENT,
    flags_of,
    given,
    prompt_flags_of_model,
    prompt_options,
    with_flags,
)
from seqgen.generation.config import SamplingConfig, changed
from seqgen.inference.constraints import Demands
from seqgen.inference.model import load_parts
from seqgen.runs.presets import SETTINGS
from seqgen.settings import settings_from

if TYPE_CHECKING:
    from seqgen.cli.token_stream import TokenPrinter
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.inference.item_generator import SampleRun
    from seqgen.inference.receipt import Origin
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.registry import LoadedDomain


@click.command("generate", cls=TargetCommand, extend=prompt_flags_of_model)
@MODEL_ARGUMENT
@click.option(
    "-n",
    "--count",
    "--takes",
    "count",
    type=click.IntRange(min=1),
    help="How many samples.  [default: 10]",
)
@BEST_FLAG
@click.option(
    "--only", type=click.IntRange(0, 2**63 - 1), help="Make the sample of this index alone."
)
@click.option("--prompt", default="", help="What every sample begins with.")
@with_flags(flags_of(Demands))
@click.option("--stream", is_flag=True, help="Show each token as it comes.")
@click.option("--out", type=click.Path(path_type=Path), help="Write files to this folder.")
@DOMAIN_FLAG
@JSON_FLAG
@with_flags(flags_of(SamplingConfig, by_preset=SETTINGS))
def command(
    model: Path,
    count: int | None,
    best: int | None,
    only: int | None,
    stream: bool,
    out: Path | None,
    domain_file: str | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Make samples with a MODEL file.

    Sample number INDEX of a seed is always the same, alone or among others. What is not given
    here is as the model file says, which keeps the settings of its run; the defaults below are
    those of a run without any.
    """
    from seqgen.cli.display import tell_samples, warn_of_draws
    from seqgen.inference.generated_items import check_best, check_free, keep_best, write_items

    _check_usage(count, best, only, stream, flags)
    if out is not None:
        check_free(out)
    output = Output(as_json)
    loaded, trained = load_parts(model, domain_file)
    check_best(loaded.domain, best, count or 10)
    printer = _printer(output, trained) if stream else None
    origin = _origin(model, loaded) if as_json or out else None
    run = _run(model, loaded, trained, flags, origin, printer)
    warn_of_draws(output, run, stream)
    items = []
    for item in run.items([only]) if only is not None else run.first(count or 10):
        if printer is not None:
            printer.end(item.sample.index)
        items.append(item)
        if best is None:  # shown as they come
            _show(output, loaded, item)
    tell_samples(output, run, items, None if only is not None else count or 10)
    if best is not None:
        items = keep_best(loaded.domain, items, best)
        for item in items:
            _show(output, loaded, item)
    for path in write_items(loaded.domain, items, out) if out else []:
        output.say(f"wrote {path}")


def _show(output: Output, loaded: LoadedDomain, item: GeneratedItem) -> None:
    from seqgen.cli.display import show_samples

    output.json(item.to_json())
    if not output.as_json:
        show_samples(output, loaded.domain, [item])


def _check_usage(
    count: int | None, best: int | None, only: int | None, stream: bool, flags: Mapping[str, Any]
) -> None:
    if only is not None and count is not None:
        raise click.UsageError("--only makes one sample; leave out -n")
    if best is not None and (only is not None or stream):
        other = "--only makes one sample" if only is not None else "--stream shows all of them"
        raise click.UsageError(f"{other} and --best keeps some of many; leave out one of them")
    for name in ("unbiased", "max_copy"):
        if stream and flags[name] not in (None, False):
            raise click.UsageError(
                f"--{name.replace('_', '-')} throws items away after they are drawn, --stream "
                "shows them before; leave out one of them"
            )


def _printer(output: Output, trained: TrainedModel) -> TokenPrinter:
    from seqgen.cli.token_stream import TokenPrinter

    return TokenPrinter(output, trained.encoder)


def _origin(model: Path, loaded: LoadedDomain) -> Origin:
    # Imported where receipts are wanted only: a few names in a terminal must come at once.
    from seqgen.inference.receipt import Origin

    return Origin.of(model, loaded)


def _run(
    model: Path,
    loaded: LoadedDomain,
    trained: TrainedModel,
    flags: Mapping[str, Any],
    origin: Origin | None,
    printer: TokenPrinter | None,
) -> SampleRun:
    """The run that the flags ask for, over the settings that the model was saved with."""
    from seqgen.inference.copy_limit import CopyLimit
    from seqgen.inference.item_generator import SampleRun

    demands = Demands(**given(flags, Demands))
    saved = settings_from(SamplingConfig, trained.manifest["generation"], f"{model}, generation")
    run = SampleRun(
        loaded.domain,
        trained,
        changed(saved, given(flags, SamplingConfig)),
        prompt_options(loaded, flags),
        flags["prompt"],
        demands=demands,
        copies=CopyLimit.wanted(demands, model, loaded, trained),
        origin=origin,
        on_token=printer.tell if printer else None,
    )
    if printer is not None:
        printer.begin_with(run.prompt)
    return run
