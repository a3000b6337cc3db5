"""seqgen generate: samples of a model. Loads neither Keras nor TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli import options
from seqgen.cli.console_output import (
    Output,
    TokenPrinter,
    notice_rejection,
    notice_sampling,
    print_samples,
)
from seqgen.cli.options import TargetCommand
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import Constraints
from seqgen.inference.open_model import resolve_target

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.inference.open_model import Target


@click.command("generate", cls=TargetCommand, resolve=resolve_target)
@options.MODEL
@options.COUNT
@options.BEST
@options.option(
    "--only", "Generate only the sample with index N.", options.INDEX, "Output", common=False
)
@options.PROMPT
@options.option(
    "--stream", "Print each token when it is chosen.", None, "Output", common=False, is_flag=True
)
@options.option("--out", "Write files to this folder.", options.PATH, "Output")
@options.DOMAIN_FILE
@options.JSON
@options.settings({"Constraints": Constraints, "Sampling": SamplingConfig})
def command(
    model: Target,
    only: int | None,
    stream: bool,
    out: Path | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Generate samples of a MODEL: a model file, a run folder or the name of a domain.

    For a domain it is the newest model in runs/DOMAIN, or else the one that the plugin ships.
    Sample number INDEX of a seed is always the same, alone or among others. The default of each
    setting is the value saved with the model.
    """
    from seqgen.inference.generated_items import check_no_earlier_samples, select_best, write_items

    _check_usage(only, stream, flags)
    if out is not None:
        check_no_earlier_samples(out)
    output, opened = Output(as_json), model.open()
    if not model.named:
        output.notice(f"using {model.path}")
    domain, config = model.loaded.domain, opened.generation_config(flags)
    printer = TokenPrinter(output, opened.trained.encoder) if stream else None
    generator = opened.item_generator(
        config,
        receipts=as_json or out is not None,
        on_token=printer.print if printer else None,
    )
    if printer is not None:
        printer.prompt = generator.prompt
    notice_rejection(output, generator, stream)
    # Printed when they are generated, unless they are ranked or have the names of files.
    later = config.best is not None or out is not None
    items = []
    for item in generator.first(config.count) if only is None else generator.items([only]):
        if printer is not None:
            printer.end(item.sample.index)
        items.append(item)
        if not later:
            _print(output, domain, [item])
    generated, items = items, select_best(domain, items, config.best)
    files = write_items(domain, items, out) if out else []
    if later:
        _print(output, domain, items, files)
    for path in files:
        output.print(f"wrote {path}")
    notice_sampling(output, generator, generated, config.count if only is None else None)
    if out is None and domain.write is not None and output.interactive:
        output.notice("to write files, add: --out FOLDER")


def _print(
    output: Output, domain: Domain, items: Sequence[GeneratedItem], files: Sequence[Path] = ()
) -> None:
    for item in items:
        output.json(item.to_dict())
    if not output.as_json:
        print_samples(output, domain, items, files)


def _check_usage(only: int | None, stream: bool, flags: Mapping[str, Any]) -> None:
    """Refuse options that exclude each other."""
    if only is not None and flags["count"] is not None:
        raise click.UsageError("--only generates one sample; omit -n")
    if flags["best"] is not None and (only is not None or stream):
        other = "--only generates one sample" if only is not None else "--stream prints all samples"
        raise click.UsageError(f"{other} and --best keeps some of many; omit one of them")
    for name in ("unbiased", "max_copy"):
        if stream and flags[name] not in (None, False):
            raise click.UsageError(
                f"--{name.replace('_', '-')} rejects items after they are generated, and --stream "
                "prints them before; omit one of them"
            )
