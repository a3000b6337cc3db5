"""What a person is told of a training: why it is made anew, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqgen.runs.ended import ended_in_words

if TYPE_CHECKING:
    from seqgen.cli.output import Output
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.run_folder import RunFolder
    from seqgen.training.history import Training


def tell_anew(out: Output, folder: RunFolder, changed: str, domain: str) -> None:
    """Why a model that stands there is trained anew, and where it is kept."""
    out.say(
        f"\n{folder.model} is no longer up to date ({changed}): training anew; the model of "
        f"before is kept as {folder.previous.name}"
    )
    if domain.endswith(".py"):
        here = Path(domain).parent == Path.cwd()
        file = f"./{Path(domain).name}" if here else domain
        out.say(
            "to try a change of guide, options or writing without a training: "
            f"seqgen generate {folder.model} --domain {file}"
        )


def tell_stopped(out: Output, same: bool | None) -> None:
    """Whether a training that was stopped in the folder is gone on with.

    Args:
        out: Where it goes.
        same: Whether it is of the same code, data and settings; None where none was stopped.
    """
    if same is None:
        return
    if same:
        out.say("\na training was stopped here: going on with it")
        return
    out.say(
        "\na training of other data, code or settings was stopped here: it is given up, and "
        "training begins anew"
    )


def tell_training(
    out: Output, trained: TrainedModel, trainings: Sequence[Training], folder: RunFolder
) -> None:
    """How a training went, in one line."""
    seconds = sum(training.history[-1].seconds for training in trainings)
    went = ended_in_words(
        trained.manifest["training_ended"], len(trainings), took=f" in {seconds:.0f} s"
    )
    out.say(f"\ntrained {went}, {trained.parameters:,} parameters: {folder.model}")
