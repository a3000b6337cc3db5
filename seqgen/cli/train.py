"""seqgen train: the way from data to a trained model, without samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from seqgen.cli.domain_flags import JSON_FLAG
from seqgen.cli.flags import flags_of, with_flags
from seqgen.cli.run import execute
from seqgen.cli.target import TargetCommand
from seqgen.domains.registry import load_domain
from seqgen.models.config import ModelConfig
from seqgen.training.config import TrainConfig


def _data_flags(name: str, _domain_file: str | None) -> list[click.Option]:
    return flags_of(load_domain(name).domain.data_options)


@click.command("train", cls=TargetCommand, extend=_data_flags)
@click.argument("domain")
@click.option("--data", type=click.Path(path_type=Path), help="Your own data: a file or folder.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder to use.")
@JSON_FLAG
@with_flags(flags_of(ModelConfig, TrainConfig))
def command(domain: str, **flags: Any) -> int:
    """Train on a DOMAIN; the same as seqgen run, without samples."""
    return execute(domain, flags, sample=False)
