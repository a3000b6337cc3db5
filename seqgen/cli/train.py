"""seqgen train: the way from data to a trained model, without samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from seqgen.cli.cross_validate import execute_folds
from seqgen.cli.dynamic_command import TargetCommand
from seqgen.cli.options import (
    JSON_FLAG,
    PRESET_FLAG,
    TENSORBOARD_FLAG,
    flags_of,
    training_flags_of_domain,
    with_flags,
)
from seqgen.cli.run import execute
from seqgen.models.config import ModelConfig
from seqgen.runs.presets import SETTINGS
from seqgen.training.config import TrainConfig

#: Flags that may stand beside --resume.
KEPT = ("as_json", "tensorboard")


@click.command("train", cls=TargetCommand, extend=training_flags_of_domain)
@click.argument("domain", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="Your own data: a file or folder.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder to use.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    help="Go on with the training of a run folder; it knows all else.",
)
@click.option(
    "--folds",
    type=click.IntRange(2, 100),
    help="Score every item once: so many models, each held against a share of the items.",
)
@PRESET_FLAG
@TENSORBOARD_FLAG
@JSON_FLAG
@with_flags(flags_of(ModelConfig, TrainConfig, by_preset=SETTINGS))
def command(domain: str | None, resume: Path | None, folds: int | None, **flags: Any) -> int:
    """Train on a DOMAIN; the same as seqgen run, without samples.

    A training that was stopped goes on where it was, by the same command or by --resume.
    """
    if resume is None:
        if domain is None:
            raise click.UsageError("name a DOMAIN, or a run folder with --resume")
        if folds is not None:
            _check_folds(flags)
            return execute_folds(domain, flags, folds)
        return execute(domain, flags, sample=False)
    more = [name for name, value in flags.items() if value is not None and name not in KEPT]
    if folds is not None:
        more.append("folds")
    from seqgen.runs.run_request import Request

    request = Request.load(resume)
    spoken = domain is not None and not request.domain.endswith(".py")
    if spoken or more:
        what = domain if spoken else "--" + more[0].replace("_", "-")
        raise click.UsageError(f"--resume goes on with what the run folder knows; leave out {what}")
    request.check_data(resume)
    known = {**flags, **request.flags, "data": request.data, "out": resume}
    return execute(request.domain_to_load(domain), known, sample=False, resume=True)


def _check_folds(flags: Mapping[str, Any]) -> None:
    """Refuse what means nothing beside --folds."""
    if flags["tensorboard"]:
        raise click.UsageError("--tensorboard shows one training; leave it or --folds out")
    if flags["held_out"] is not None:
        raise click.UsageError(
            "--folds holds every item out once, a fold at a time; leave it or --held-out out"
        )
