"""RunFolder: the files of a run. RunRecord: what its training was started with."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar, final

from seqgen.errors import DataError, SeqgenError
from seqgen.io.atomic_files import replacing, write_file
from seqgen.io.read_data import read_json
from seqgen.settings import select_settings

Options = TypeVar("Options")

#: The folder of all runs, in the current folder.
RUNS = Path("runs")
#: The file of generated items in a folder of samples.
SAMPLES = "samples.jsonl"
#: How much of a file is read to recognise it, in bytes.
PEEKED = 65_536
#: Marks a path among the values of a record, as JSON has none.
PATH_KEY = "path"
HISTORY_COLUMNS = ("network", "epoch", "train_nats", "validation_nats", "seconds")


@final
@dataclass(frozen=True, slots=True)
class RunFolder:
    """``runs/<domain>/<name>/`` in the current folder, or what ``--out`` names."""

    path: Path

    @classmethod
    def choose(cls, domain: str, source: Path | None, out: Path | None) -> RunFolder:
        """The folder of a run: ``out``, or else named after the domain and its data."""
        name = source.resolve().stem if source is not None else "default"
        return cls(out if out is not None else RUNS / domain / name)

    @classmethod
    def latest(cls, domain: str) -> RunFolder | None:
        """The run of a domain with the newest model; None without any."""
        found = [cls(model.parent) for model in (RUNS / domain).glob("*/model.safetensors")]
        return max(found, key=lambda folder: folder.model.stat().st_mtime, default=None)

    @property
    def model(self) -> Path:
        """The model file."""
        return self.path / "model.safetensors"

    @property
    def previous(self) -> Path:
        """The model that a later training replaced."""
        return self.path / "model.previous.safetensors"

    @property
    def record(self) -> Path:
        """The file of the ``RunRecord``."""
        return self.path / "request.json"

    @property
    def history(self) -> Path:
        """The figures of every epoch."""
        return self.path / "history.csv"

    @property
    def samples(self) -> Path:
        """The folder of generated files."""
        return self.path / "samples"

    @property
    def learning_curve(self) -> Path:
        """The learning curve of the model."""
        return self.path / "learning_curve.json"

    @property
    def events(self) -> Path:
        """The folder of TensorBoard's files."""
        return self.path / "tensorboard"

    @property
    def lock(self) -> Path:
        """The lock file of the training process."""
        return self.path / ".lock"

    def checkpoint(self, network: int | str) -> Path:
        """The checkpoint of a network, counted from 0; ``"*"`` for all."""
        return self.path / f"checkpoint{network}.safetensors"

    def prepare(self) -> None:
        """Create the folder and write to it, before hours of training depend on it.

        Raises:
            SeqgenError: It cannot be written to.
        """
        write_file(self.path / ".writable", "").unlink()

    def remove_temporary_files(self) -> None:
        """Delete the incomplete large files of a killed process."""
        for name in ("checkpoint", "model"):
            for incomplete in self.path.glob(f".{name}*.tmp"):
                incomplete.unlink(missing_ok=True)

    def keep_previous_model(self) -> None:
        """Link the model to ``previous``, or copy it on a disk without links.

        A complete model is in its place at any moment, and a new one that does not fit on a full
        disk replaces nothing.

        Raises:
            SeqgenError: It cannot be written.
        """
        if self.model.exists():
            with replacing(self.previous) as temporary:
                temporary.unlink()
                try:
                    os.link(self.model, temporary)
                except OSError:
                    shutil.copyfile(self.model, temporary)

    def keep_previous_samples(self) -> Path | None:
        """Rename the folder of samples, so that two calls never mix; returns its new path.

        Nothing is deleted: the folders are ``samples.1``, ``samples.2`` and so on.
        """
        if not self.samples.exists():
            return None
        names = (self.path / f"samples.{number}" for number in itertools.count(1))
        return self.samples.replace(next(path for path in names if not path.exists()))

    def write_history(self, rows: Iterable[Sequence[str | int]]) -> None:
        """Write ``history.csv``: a row of ``HISTORY_COLUMNS`` for each epoch of each network."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([HISTORY_COLUMNS, *rows])
        write_file(self.history, text.getvalue())

    def read_history(self) -> list[dict[str, str]]:
        """The rows of ``history.csv``, by column name.

        Raises:
            SeqgenError: It cannot be read.
        """
        try:
            with self.history.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
        except OSError as error:
            raise SeqgenError(
                f"cannot read {self.history}: {error.strerror}; every training writes it, so "
                "retrain"
            ) from None

    def training_seconds(self) -> float:
        """The time that training all networks took, by ``history.csv``."""
        ends = {row["network"]: float(row["seconds"]) for row in self.read_history()}
        return sum(ends.values())


@final
@dataclass(frozen=True, slots=True)
class RunRecord:
    """The domain, the data and the settings that a training was started with.

    Args:
        domain: The name of an installed domain, or the absolute path of a .py file.
        data: Absolute; None for the domain's own data.
        settings: Settings and options of the data by name; only those that the user set.
        passed: Whether items were passed from Python instead of read from a file.
    """

    domain: str
    data: Path | None
    settings: Mapping[str, Any]
    passed: bool = False

    def options(self, kind: type[Options]) -> Options:
        """An options dataclass with the recorded values of its fields."""
        return kind(**select_settings(self.settings, kind))

    def domain_to_load(self, domain_file: str | None) -> str:
        """The domain as ``load_domain`` takes it.

        Args:
            domain_file: The .py file that the user named now, or None.

        Raises:
            SeqgenError: The domain is a .py file that the user did not name: loading a file runs
                it, and the run folder may come from anybody.
        """
        if not self.domain.endswith(".py"):
            return self.domain
        if domain_file is None or not domain_file.endswith(".py"):
            raise SeqgenError(
                f"this training's domain is the file {self.domain}, and a file is run only when "
                "you name it: give it with --domain, or to seqgen train before --resume"
            )
        return domain_file

    def check_data(self, folder: Path) -> None:
        """Check that the data still exists.

        Raises:
            DataError: It does not, or is in no file.
        """
        if self.passed:
            raise DataError(
                f"the items of {folder} were passed from Python and are in no file; pass them to "
                "seqgen.train again, which resumes the training or loads its model"
            )
        if self.data is not None and not self.data.exists():
            raise DataError(
                f"the data of {folder} is no longer at {self.data}; restore it there, unchanged"
            )

    def save(self, folder: RunFolder) -> None:
        """Write it to a run folder."""
        values = {
            name: {PATH_KEY: str(value.resolve())} if isinstance(value, Path) else value
            for name, value in self.settings.items()
        }
        data = None if self.data is None else str(self.data)
        content: dict[str, Any] = {"domain": self.domain, "data": data, "flags": values}
        content |= {"passed": True} if self.passed else {}
        write_file(folder.record, json.dumps(content, indent=2, sort_keys=True) + "\n")

    @classmethod
    def load(cls, folder: RunFolder) -> Self:
        """Read it from a run folder.

        Raises:
            SeqgenError: There is none, or it is damaged.
        """
        path = folder.record
        if not path.is_file():
            raise SeqgenError(
                f"{folder.path} is no run folder: it has no {path.name}; give the run folder that "
                "seqgen train or seqgen run named"
            )
        try:
            content = read_json(path)
            settings = {
                name: Path(value[PATH_KEY]) if isinstance(value, dict) else value
                for name, value in content["flags"].items()
            }
            data = content["data"]
            source, passed = None if data is None else Path(data), content.get("passed") is True
            return cls(str(content["domain"]), source, settings, passed)
        except (KeyError, TypeError, AttributeError) as error:
            raise SeqgenError(
                f"{path} is damaged ({type(error).__name__}: {error}); repeat the command that "
                "started the training"
            ) from None


def write_json_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """Write one JSON object per line."""
    return write_file(
        path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    )


def check_no_samples(path: Path) -> None:
    """Refuse ``samples.jsonl`` as data: its lines are receipts, not items.

    Raises:
        DataError: The path is such a file.
    """
    if path.name != SAMPLES or not path.is_file():
        return
    with path.open("rb") as file:
        if b'"receipt"' not in file.read(PEEKED):
            return  # a file of the user's own with that name
    others = sorted(p.name for p in path.parent.iterdir() if p.is_file() and p != path)
    instead = f"the other files there ({', '.join(others[:3])})" if others else "the items"
    raise DataError(
        f"{path} holds the receipts of generated samples, which no domain reads; give {instead}, "
        "or a file with the output of seqgen generate"
    )
