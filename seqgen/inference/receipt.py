"""Receipt: all that one generated item came from, as JSON, so that it can be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import DataError, ModelFileError
from seqgen.generation.config import GenerateConfig
from seqgen.inference.constraints import Demands
from seqgen.settings import settings_from, settings_to

if TYPE_CHECKING:
    from seqgen.registry.registry import LoadedDomain

#: Raised when an older receipt could no longer be read as it is.
FORMAT = 1
#: Every key of a receipt with the JSON type of its value.
_SHAPE: Mapping[str, type] = {
    "format": int,
    "seqgen": str,
    "domain": dict,
    "model": dict,
    "settings": dict,
    "options": dict,
    "prompt": str,
    "match": str,
    "novel": bool,
    "unbiased": bool,
    "index": int,
    "tokens": list,
    "tokens_sha256": str,
}
_TYPES = {int: "a whole number", str: "text", dict: "an object", list: "a list", bool: "a boolean"}


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """The programs and the model file behind an item.

    Args:
        seqgen: The version of seqgen.
        domain: The domain's name.
        distribution: The distribution that provides the domain, or the name of its file.
        version: The distribution's version, or a hash of the file.
        model: The path of the model file as it was given; a hint, for files move.
        sha256: The SHA-256 of the model file in hexadecimal digits.
    """

    seqgen: str
    domain: str
    distribution: str
    version: str
    model: str
    sha256: str

    @classmethod
    def of(cls, model: Path, loaded: LoadedDomain) -> Origin:
        """What stands behind the items that are made now.

        Raises:
            ModelFileError: There is no such file, or it cannot be read.
        """
        return cls(
            version("seqgen"),
            loaded.domain.name,
            loaded.distribution,
            loaded.version,
            model.as_posix(),
            hash_file(model),
        )

    def changes(self, now: Origin) -> list[str]:
        """In which versions this origin differs from the present one, for people."""
        found = []
        if self.seqgen != now.seqgen:
            found.append(f"seqgen {self.seqgen} then, {now.seqgen} now")
        then, today = (f"{one.distribution} {one.version}" for one in (self, now))
        if then != today:
            found.append(f"{then} then, {today} now")
        return found


@final
@dataclass(frozen=True, slots=True)
class Receipt:
    """All that one item is a function of, and its tokens.

    Args:
        origin: The programs and the model file.
        settings: The settings of generation, the seed among them.
        options: The values of the domain's ``generation_options`` as JSON.
        prompt: What the item begins with, as it was typed.
        demands: What else was asked; ``max_draws`` and ``max_copy`` are not kept, as they only
            choose among items.
        index: The index of the sample.
        tokens: Its token ids, prompt included, end token left out.
    """

    origin: Origin
    settings: GenerateConfig
    options: Mapping[str, Any]
    prompt: str
    demands: Demands
    index: int
    tokens: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The receipt as JSON values."""
        origin = self.origin
        return {
            "format": FORMAT,
            "seqgen": origin.seqgen,
            "domain": {
                "name": origin.domain,
                "distribution": origin.distribution,
                "version": origin.version,
            },
            "model": {"path": origin.model, "sha256": origin.sha256},
            "settings": settings_to(self.settings),
            "options": dict(self.options),
            "prompt": self.prompt,
            "match": self.demands.match,
            "novel": self.demands.novel,
            "unbiased": self.demands.unbiased,
            "index": self.index,
            "tokens": list(self.tokens),
            "tokens_sha256": hash_tokens(self.tokens),
        }

    @classmethod
    def from_json(cls, saved: Any, where: str) -> Receipt:
        """The receipt that wrote ``saved``; nothing in it is trusted, and no code is run.

        Raises:
            SeqgenError: A key is missing, unknown or of the wrong type, a value is out of its
                range, or the tokens do not fit their hash.
        """
        given = _checked(saved, _SHAPE, where)
        if given["format"] != FORMAT:
            raise DataError(
                f"{where}: has format {given['format']}, this seqgen reads format {FORMAT}"
            )
        domain, model = given["domain"], given["model"]
        _check_printable([given["seqgen"], *domain.values(), *model.values()], where)
        names = _checked(domain, dict.fromkeys(("name", "distribution", "version"), str), where)
        file = _checked(model, dict.fromkeys(("path", "sha256"), str), where)
        tokens = given["tokens"]
        if not all(type(token) is int and token >= 0 for token in tokens):
            raise DataError(f"{where}: tokens must be whole numbers from 0")
        if hash_tokens(tokens) != given["tokens_sha256"]:
            raise DataError(f"{where}: its tokens do not fit their hash, so it was changed")
        if not 0 <= given["index"] < 2**63:
            raise DataError(f"{where}: index must be in 0..2**63-1, was {given['index']}")
        asked = {name: given[name] for name in ("match", "novel", "unbiased")}
        return cls(
            Origin(given["seqgen"], *names.values(), *file.values()),
            settings_from(GenerateConfig, given["settings"], f"{where}, settings"),
            given["options"],
            given["prompt"],
            Demands(**asked),
            given["index"],
            tuple(tokens),
        )


def _checked(value: Any, shape: Mapping[str, type], where: str) -> dict[str, Any]:
    """An object with exactly the given keys, in that order, each of its type."""
    if not isinstance(value, dict):
        raise DataError(f"{where}: a JSON object is expected, was {str(value)[:40]!r}")
    for name in [*shape, *value]:
        if name not in shape:
            raise DataError(f"{where}: unknown key {name!r}; known are {', '.join(shape)}")
        if name not in value:
            raise DataError(f"{where}: {name!r} is missing, so this is no receipt")
        if type(value[name]) is not shape[name]:
            raise DataError(
                f"{where}: {name!r} must be {_TYPES[shape[name]]}, was {str(value[name])[:40]!r}"
            )
    return {name: value[name] for name in shape}


def _check_printable(values: Iterable[Any], where: str) -> None:
    """Refuse what would steer a terminal once it is shown."""
    for value in values:
        if isinstance(value, str) and not value.isprintable():
            raise DataError(f"{where}: {value[:40]!a} cannot be printed, so it is no name or path")


def hash_tokens(tokens: Sequence[int]) -> str:
    """The SHA-256 of token ids, written as decimal numbers parted by spaces."""
    return hashlib.sha256(" ".join(map(str, tokens)).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """The SHA-256 of a model file.

    Raises:
        ModelFileError: There is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise ModelFileError(f"no model file {path}; say where it is with --model")
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror}") from None
