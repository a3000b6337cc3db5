"""The run folder: where a run keeps its model, history and samples."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import DataError, SeqgenError
from seqgen.io.files import replacing, write_file

if TYPE_CHECKING:
    from seqgen.training.history import Training


@final
@dataclass(frozen=True, slots=True)
class RunFolder:
    """``runs/<domain>/<name>/`` in the current folder, or what ``--out`` names."""

    path: Path

    @classmethod
    def choose(cls, domain: str, source: Path | None, out: Path | None) -> RunFolder:
        """The folder of a run: named by ``out``, else after the domain and its data."""
        name = source.resolve().stem if source is not None else "default"
        return cls(out if out is not None else Path("runs") / domain / name)

    @property
    def model(self) -> Path:
        """The model file."""
        return self.path / "model.safetensors"

    @property
    def previous(self) -> Path:
        """The model that stood there before the one that stands there now."""
        return self.path / "model.previous.safetensors"

    @property
    def history(self) -> Path:
        """The figures of every epoch."""
        return self.path / "history.csv"

    @property
    def samples(self) -> Path:
        """The folder of generated files."""
        return self.path / "samples"

    def prepare(self) -> None:
        """Make the folder and try to write to it, before hours of training depend on it.

        Raises:
            SeqgenError: It cannot be written to.
        """
        write_file(self.path / ".writable", "").unlink()

    def tidy(self) -> None:
        """Delete what a process left that was killed: halves of large files, and its probe."""
        self.probe.unlink(missing_ok=True)
        for name in ("checkpoint", "model", "probe"):
            for half in self.path.glob(f".{name}*.tmp"):
                half.unlink(missing_ok=True)

    def keep_previous(self) -> None:
        """Give a model that is about to be replaced a second name, or copy it where there are no
        links: so a whole one stands in its place at any moment, and one that cannot be written
        on a full disk replaces nothing.

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
        """Move samples that stand there aside, so that two calls never mix; gives their new
        place. Samples that were moved aside before are gone then."""
        if not self.samples.exists():
            return None
        previous = self.path / "samples.previous"
        if previous.exists():
            shutil.rmtree(previous)
        return self.samples.replace(previous)

    @property
    def events(self) -> Path:
        """The folder of what TensorBoard shows."""
        return self.path / "tensorboard"

    @property
    def lock(self) -> Path:
        """The file that a training process holds."""
        return self.path / ".lock"

    def checkpoint(self, network: int | str) -> Path:
        """Where the training of a network, counted from 0, keeps its state; ``"*"`` for all."""
        return self.path / f"checkpoint{network}.safetensors"

    @property
    def probe(self) -> Path:
        """Where the probe of ``--minutes`` writes a checkpoint for a moment."""
        return self.path / "probe.safetensors"

    def write_history(self, trainings: Sequence[Training]) -> None:
        """``history.csv``: a row an epoch of each network."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["network", "epoch", "train_nats", "validation_nats", "seconds"])
        for network, training in enumerate(trainings, start=1):
            for report in training.history:
                figures = (f"{f:.6f}" for f in (report.train_nats, report.validation_nats))
                rows.writerow([network, report.epoch, *figures, f"{report.seconds:.2f}"])
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
                "train anew"
            ) from None

    def seconds(self) -> float:
        """What the training of all networks took, by ``history.csv``."""
        ends = {row["network"]: float(row["seconds"]) for row in self.read_history()}
        return sum(ends.values())


def write_json_lines(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    """One JSON object a line."""
    return write_file(
        path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    )


SAMPLES = "samples.jsonl"


#: So many bytes of a file are looked at to know it.
PEEKED = 65_536


def check_no_samples(path: Path) -> None:
    """Refuse ``samples.jsonl`` where items are read: its lines are receipts, not items.

    Raises:
        DataError: The path is such a file.
    """
    if path.name != SAMPLES or not path.is_file():
        return
    with path.open("rb") as file:
        if b'"receipt"' not in file.read(PEEKED):
            return  # somebody's own file of that name
    beside = sorted(p.name for p in path.parent.iterdir() if p.is_file() and p != path)
    instead = f"the files beside it ({', '.join(beside[:3])})" if beside else "the items themselves"
    raise DataError(
        f"{path} is what seqgen tells of its samples, and no domain reads it; give {instead}, or a "
        "file that the output of seqgen generate was sent to"
    )
