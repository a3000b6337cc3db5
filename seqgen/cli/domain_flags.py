"""What the commands share: a domain found by name or through a model file, and its flags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli.flags import flags_of, given
from seqgen.domains.registry import NAME, LoadedDomain, load_domain
from seqgen.errors import PluginError

if TYPE_CHECKING:
    from seqgen.models.model_file import TrainedModel

JSON_FLAG = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
TENSORBOARD_FLAG = click.option(
    "--tensorboard",
    is_flag=True,
    default=None,
    help="Also write what TensorBoard shows to the run folder; needs that package.",
)
BEST_FLAG = click.option(
    "--best",
    type=click.IntRange(min=1),
    help="Of the samples keep so many, those that the domain ranks first.",
)
DOMAIN_FLAG = click.option(
    "--domain",
    "domain_file",
    metavar="FILE.py",
    help="The domain's file, for a model that was trained from one.",
)
MODEL_ARGUMENT = click.argument("model", type=click.Path(path_type=Path))


def flags_of_domain(name: str, _domain_file: str | None = None) -> list[click.Option]:
    """The flags of a domain: how to read data, and what to generate."""
    domain = load_domain(name).domain
    return flags_of(domain.data_options, domain.prompt_options)


def prompt_flags_of_model(path: str, domain_file: str | None) -> list[click.Option]:
    """The flags that say what to generate, of the domain that a model is for."""
    return flags_of(domain_of_model(Path(path), domain_file).domain.prompt_options)


def data_flags_of_model(path: str, domain_file: str | None) -> list[click.Option]:
    """The flags that say how to read data, of the domain that a model is for."""
    return flags_of(domain_of_model(Path(path), domain_file).domain.data_options)


def domain_of_model(path: Path, domain_file: str | None) -> LoadedDomain:
    """The domain that a model file was trained for.

    A domain file is run only when the user names it: a path in a model file is never followed.

    Raises:
        SeqgenError: The file cannot be read, or its domain is not installed.
    """
    from seqgen.models.model_file import read_manifest

    wanted = read_manifest(path).get("domain", {})
    name = str(wanted.get("name"))
    try:
        if domain_file is None and not NAME.match(name):
            raise PluginError("that is no name of a domain; give the domain's .py file")
        return load_domain(domain_file or name)
    except PluginError as error:
        if domain_file:
            raise
        source = str(wanted.get("distribution"))
        if source.endswith(".py"):
            raise PluginError(
                f"{path} was trained from the domain file {source}; give that file with "
                f"--domain path/to/{source}"
            ) from None
        raise PluginError(
            f"{path} is a model for domain {wanted.get('name')!r} of {source} "
            f"{wanted.get('version')}, which cannot be loaded ({error}); install it, or give "
            "the domain's file with --domain"
        ) from None


def open_model(path: Path, domain_file: str | None) -> tuple[LoadedDomain, TrainedModel]:
    """The domain and the model of a model file."""
    from seqgen.models.model_file import load_model

    loaded = domain_of_model(path, domain_file)
    return loaded, load_model(path, loaded)


def data_options(loaded: LoadedDomain, flags: Mapping[str, Any]) -> Any:
    """The domain's ``data_options`` from the flags that were given."""
    kind = loaded.domain.data_options
    return kind(**given(flags, kind))


def prompt_options(loaded: LoadedDomain, flags: Mapping[str, Any]) -> Any:
    """The domain's ``prompt_options`` from the flags that were given."""
    kind = loaded.domain.prompt_options
    return kind(**given(flags, kind))
