"""Asked: what a command is to train and make, held against all that can be refused before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, final

from seqgen.cli.domain_flags import data_and_recipe, prompt_options
from seqgen.cli.output import Output
from seqgen.domains.registry import LoadedDomain

if TYPE_CHECKING:
    from seqgen.runs.data import RunData
    from seqgen.runs.recipe import Recipe
    from seqgen.runs.request import Request
    from seqgen.runs.run_folder import RunFolder


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
        from seqgen.runs.item_files import check_best
        from seqgen.runs.recipe import Recipe

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
        from seqgen.runs.item_files import check_best
        from seqgen.runs.refused_items import tell_refused
        from seqgen.runs.sample_run import check_request
        from seqgen.runs.stopped import check_resumed

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
    from seqgen.runs.recipe import CONFIGS
    from seqgen.runs.request import Request

    domain, flags = invocation.loaded.domain, invocation.flags
    kinds = (*CONFIGS.values(), domain.data_options, domain.encoder_options)
    names = {"preset", *(item.name for kind in kinds for item in fields(kind))}
    asked = {flag: value for flag, value in flags.items() if flag in names}
    return Request.of(invocation.name, flags["data"], asked)
