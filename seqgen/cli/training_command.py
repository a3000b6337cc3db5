"""Asked: what a command is to train and make, held against all that can be refused before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.cli.console import Output
from seqgen.cli.options import data_and_recipe, prompt_options
from seqgen.registry.registry import LoadedDomain
from seqgen.training.history import ended_in_words

if TYPE_CHECKING:
    from seqgen.cli.console import Output
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.dataset import RunData
    from seqgen.runs.run_config import Recipe
    from seqgen.runs.run_folder import RunFolder
    from seqgen.runs.run_request import Request
    from seqgen.training.history import Training


@final
@dataclass(frozen=True, slots=True, eq=False)
class Invocation:
    """What the command line alone says.

    Args:
        out: Where it is told.
        name: The domain as it was named.
        loaded: The domain.
        folder: The run folder.
        flags: All flags; None stands for one that was not given.
        sample: Whether samples are made.
    """

    out: Output
    name: str
    loaded: LoadedDomain
    folder: RunFolder
    flags: Mapping[str, Any]
    sample: bool


@final
@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A command line with its settings.

    Args:
        invocation: The command line.
        recipe: The settings, over the preset for its data.
        options: The domain's prompt options; None where no samples are made.
    """

    invocation: Invocation
    recipe: Recipe
    options: Any

    @classmethod
    def of_shipped(cls, invocation: Invocation) -> Asked:
        """What is asked of the model that the plugin ships.

        Raises:
            SeqgenError: A setting is out of its range, or the domain does not rank its items.
        """
        from seqgen.inference.generated_items import check_best
        from seqgen.runs.run_config import Recipe

        recipe = Recipe.of(invocation.loaded.domain, invocation.flags)
        check_best(invocation.loaded.domain, invocation.flags["best"], recipe.count)
        return cls(invocation, recipe, prompt_options(invocation.loaded, invocation.flags))


@final
@dataclass(frozen=True, slots=True, eq=False)
class AskedTraining:
    """A command that trains, unless what it would train stands there.

    Args:
        asked: The command with its settings.
        data: The items and their split.
        request: What is kept in the run folder to go on with.
    """

    asked: Asked
    data: RunData
    request: Request

    @classmethod
    def of(cls, invocation: Invocation, resume: bool) -> AskedTraining:
        """Read the data and refuse what cannot be, before a training that it would waste.

        Args:
            invocation: The command line.
            resume: Whether the training must be the one that stands in the run folder.

        Raises:
            SeqgenError: There is no usable data, a setting or a wish cannot be met, or the
                training that stands there is another one.
        """
        from seqgen.inference.generated_items import check_best
        from seqgen.inference.guide_coverage import tell_refused
        from seqgen.inference.item_generator import check_request
        from seqgen.runs.resume import check_resumed

        loaded, flags = invocation.loaded, invocation.flags
        options = prompt_options(loaded, flags) if invocation.sample else None
        data, recipe = data_and_recipe(loaded, flags)
        if invocation.sample:
            check_best(loaded.domain, flags["best"], recipe.count)
            check_request(loaded.domain, data.encoder, options, flags["prompt"])
        if flags["data"] is not None and (refused := tell_refused(loaded.domain, data)):
            invocation.out.warn(refused)
        request = _request(invocation)
        if resume:
            check_resumed(loaded, data.card, recipe, invocation.folder, request)
        return cls(Asked(invocation, recipe, options), data, request)


def _request(invocation: Invocation) -> Request:
    """The settings and the options of the data that were given; no prompt and no wish."""
    from seqgen.runs.run_config import CONFIGS
    from seqgen.runs.run_request import Request

    domain, flags = invocation.loaded.domain, invocation.flags
    kinds = (*CONFIGS.values(), domain.data_options, domain.encoding_options)
    names = {"preset", *(item.name for kind in kinds for item in fields(kind))}
    asked = {flag: value for flag, value in flags.items() if flag in names}
    return Request.of(invocation.name, flags["data"], asked)


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


def model_of(training: AskedTraining, began: float) -> TrainedModel:
    """The model of the run folder, trained now unless it is up to date; told either way.

    Args:
        training: What was asked for.
        began: When the command began, by ``time.monotonic``; its minutes count from there.

    Raises:
        KeyboardInterrupt, SeqgenError: As ``train_run``.
    """
    from seqgen.cli.display import show_card, show_figures, show_preset
    from seqgen.models.model_file import load_model
    from seqgen.runs.resume import is_up_to_date
    from seqgen.runs.time_budget.plan import planned

    asked, card = training.asked, training.data.card
    out, loaded, folder = asked.invocation.out, asked.invocation.loaded, asked.invocation.folder
    show_card(out, loaded.domain.name, card)
    show_preset(out, asked.recipe)
    followed = planned(asked.recipe, loaded, card, folder.path)
    if is_up_to_date(folder.model, followed.identity(loaded, card)):
        out.say(
            f"\n{folder.model} is up to date with this data and these settings: not trained again"
        )
        trained = load_model(folder.model, loaded)
    else:
        trained = _train(training, followed, began)
    show_figures(out, trained.manifest["metrics"]["held_out"])
    return trained


def _train(training: AskedTraining, followed: Recipe, began: float) -> TrainedModel:
    """Say why it is trained, train, and say how that went.

    Args:
        training: What was asked for.
        followed: Its recipe with what a plan that stands there has decided.
        began: When the command began.
    """
    from seqgen.cli.progress import TrainingLine
    from seqgen.runs.callbacks import Listeners
    from seqgen.runs.resume import stopped, what_changed
    from seqgen.runs.train import train_run

    asked, data, invocation = training.asked, training.data, training.asked.invocation
    out, loaded, folder = invocation.out, invocation.loaded, invocation.folder
    changed = what_changed(folder.model, followed, loaded, data.card)
    if changed:
        tell_anew(out, folder, changed, training.request.domain)
    tell_stopped(out, stopped(loaded, data.card, followed, folder))
    with TrainingLine(asked.recipe.training.seeds) as line:
        trained, trainings = train_run(
            loaded,
            data,
            asked.recipe,
            folder,
            Listeners(line.show, line.follow, line.score),
            _events(invocation),
            began,
            request=training.request,
        )
    tell_training(out, trained, trainings, folder)
    return trained


def _events(invocation: Invocation) -> Path | None:
    return invocation.folder.events if invocation.flags["tensorboard"] else None


def tell_interrupt(invocation: Invocation) -> None:
    """What Ctrl-C left, and how to use it and to go on."""
    out, folder, name = invocation.out, invocation.folder, invocation.name
    out.say(f"Interrupted: the best model so far is in {folder.model}. Use it with:")
    file = f" --domain {name}" if name.endswith(".py") else ""
    out.say(f"  seqgen generate {folder.model}{file}")
    out.say("Go on with the training by the same command, or with:")
    out.say(f"  seqgen train --resume {folder.path}")
