"""Request: what a training was asked for, kept in its run folder to go on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, final

from seqgen.errors import DataError, SeqgenError
from seqgen.io.files import write_file
from seqgen.io.readers import read_json

NAME = "request.json"
#: Marks a path among the values, as JSON has none.
PATH_KEY = "path"


@final
@dataclass(frozen=True, slots=True)
class Request:
    """A domain, its data and the flags that were given.

    Args:
        domain: The name of an installed domain, or the absolute path of a .py file.
        data: Absolute; None for the domain's own data.
        flags: Settings and options of the data by name; only those that were given.
    """

    domain: str
    data: Path | None
    flags: Mapping[str, Any]

    @classmethod
    def of(cls, domain: str, data: Path | None, flags: Mapping[str, Any]) -> Self:
        """The request of a command, with paths that hold from any folder."""
        name = str(Path(domain).resolve()) if domain.endswith(".py") else domain
        given = {flag: value for flag, value in flags.items() if value is not None}
        return cls(name, None if data is None else data.resolve(), given)

    def domain_to_load(self, named: str | None) -> str:
        """The domain as ``load_domain`` takes it.

        Args:
            named: A .py file that the user named just now, or None.

        Raises:
            SeqgenError: The domain is a .py file that nobody named: loading it runs it, and
                the run folder may come from somebody else.
        """
        if not self.domain.endswith(".py"):
            return self.domain
        if named is None or not named.endswith(".py"):
            raise SeqgenError(
                f"this training's domain is the file {self.domain}, and a file is run only when "
                "you name it: give it with --domain, or to seqgen train before --resume"
            )
        return named

    def check_data(self, folder: Path) -> None:
        """Hold that the data stands where it stood.

        Raises:
            DataError: It does not.
        """
        if self.data is not None and not self.data.exists():
            raise DataError(
                f"the data of {folder} is no longer at {self.data}; bring it back there, as it was"
            )

    def save(self, folder: Path) -> None:
        """Write it to a run folder."""
        flags = {
            name: {PATH_KEY: str(value.resolve())} if isinstance(value, Path) else value
            for name, value in self.flags.items()
        }
        data = None if self.data is None else str(self.data)
        about = {"domain": self.domain, "data": data, "flags": flags}
        write_file(folder / NAME, json.dumps(about, indent=2, sort_keys=True) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read it from a run folder.

        Raises:
            SeqgenError: There is none, or it is damaged.
        """
        path = folder / NAME
        if not path.is_file():
            raise SeqgenError(
                f"{folder} is no folder of a training: it has no {NAME}; give the run folder that "
                "seqgen train or seqgen run named"
            )
        try:
            about = read_json(path)
            flags = {
                name: Path(value[PATH_KEY]) if isinstance(value, dict) else value
                for name, value in about["flags"].items()
            }
            data = about["data"]
            return cls(str(about["domain"]), None if data is None else Path(data), flags)
        except (KeyError, TypeError, AttributeError) as error:
            raise SeqgenError(
                f"{path} is damaged ({type(error).__name__}: {error}); give the command again that "
                "started the training"
            ) from None
