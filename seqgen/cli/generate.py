"""seqgen generate: samples of a model file. Loads neither Keras nor TensorFlow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from seqgen.cli.domain_flags import (
    DOMAIN_FLAG,
    JSON_FLAG,
    MODEL_ARGUMENT,
    open_model,
    prompt_flags_of_model,
    prompt_options,
)
from seqgen.cli.flags import flags_of, given, with_flags
from seqgen.cli.output import Output
from seqgen.cli.target import TargetCommand
from seqgen.generation.config import GenerateConfig
from seqgen.settings import settings_from


@click.command("generate", cls=TargetCommand, extend=prompt_flags_of_model)
@MODEL_ARGUMENT
@click.option("-n", "--count", type=click.IntRange(min=1), help="How many samples.  [default: 10]")
@click.option(
    "--only", type=click.IntRange(0, 2**63 - 1), help="Make the sample of this index alone."
)
@click.option("--prompt", default="", help="What every sample begins with.")
@click.option("--novel", is_flag=True, help="Only samples that are not in the training data.")
@click.option("--out", type=click.Path(path_type=Path), help="Write files to this folder.")
@DOMAIN_FLAG
@JSON_FLAG
@with_flags(flags_of(GenerateConfig))
def command(
    model: Path,
    count: int | None,
    only: int | None,
    prompt: str,
    novel: bool,
    out: Path | None,
    domain_file: str | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Make samples with a MODEL file.

    Sample number INDEX of a seed is always the same, alone or among others.
    """
    from seqgen.cli.show import show_samples
    from seqgen.runs.sample_run import SampleRun, write_items

    if only is not None and (count is not None or novel):
        raise click.UsageError("--only makes one sample; leave out -n and --novel")
    output = Output(as_json)
    loaded, trained = open_model(model, domain_file)
    saved = settings_from(GenerateConfig, trained.manifest["generation"], f"{model}, generation")
    config = replace(saved, **given(flags, GenerateConfig))
    run = SampleRun(loaded.domain, trained, config, prompt_options(loaded, flags), prompt)
    stream = run.items([only]) if only is not None else run.first(count or 10, novel)
    items = []
    for item in stream:  # shown as they come
        output.json(item.to_json())
        if not as_json:
            show_samples(output, loaded.domain, [item])
        items.append(item)
    for path in write_items(loaded.domain, items, out) if out else []:
        output.say(f"wrote {path}")
