"""Checks in fresh processes: what importing loads, where files go, what bad data does."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from seqgen.errors import SeqgenError
from seqgen.models.model_file import TrainedModel, load_model
from seqgen.runs.dataset import make_card
from seqgen.testing.check import CheckFailed, NotApplicable, shown
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.probe_runner import Probe, probes
from seqgen.testing.subprocess_probe import ITEMS, OUT, RECEIPT

#: What no plugin needs before an item is read, made or written.
HEAVY = (
    "tensorflow",
    "keras",
    "torch",
    "jax",
    "music21",
    "matplotlib",
    "scipy",
    "pandas",
    "sklearn",
    "rdkit",
)


def check_import_weight(subject: Subject) -> str:
    """Importing loads no tensorflow, keras, torch, jax, music21, matplotlib or similar library."""
    modules = set(probes(subject)[0].told(subject, "modules"))
    found = sorted(modules.intersection(HEAVY))
    if found:
        raise CheckFailed(
            f"importing the plugin loads {', '.join(found)}",
            change=f"import {found[0]} inside the functions that need it",
        )
    return f"{len(modules)} modules"


def check_bad_data(subject: Subject) -> str:
    """Empty and meaningless files give a SeqgenError or items, and no other error."""
    wrong: dict[str, str] = probes(subject)[0].told(subject, "bad_data")
    for name, error in wrong.items():
        raise CheckFailed(
            f"corpus({name!r}) raised {error}",
            change="read text with seqgen.read_items, or raise a seqgen.DataError that names the "
            "file and says what is expected",
            example="a file without content" if "empty" in name else "a file of any bytes",
        )
    return ", ".join(subject.domain.suffixes or (".txt",))


def _written(subject: Subject) -> tuple[Probe, ...]:
    if subject.domain.write is None:
        raise NotApplicable("the domain writes no files of its own")
    return probes(subject)


def check_write_paths(subject: Subject) -> str:
    """write() returns the paths of files that exist in its folder, in the same order each time."""
    first, again = _written(subject)
    told = first.told(subject, "write")
    paths = [Path(path) for path in told["paths"]]
    outside = {Path(path).name for path in told["outside"]}  # has a check of its own
    names = [_within(path) for path in paths]
    for path, name in zip(paths, names, strict=True):
        if name not in first.files and path.name not in outside:
            raise CheckFailed(
                f"write() gives {shown(path.name)}, which is no file",
                change="give the path of every file that was written, and no other",
            )
    if len(set(names)) != len(names) or not names:
        raise CheckFailed(
            f"write() gives {len(names)} paths, {len(set(names))} of them different",
            change="give each file that was written once",
        )
    others = [_within(Path(path)) for path in again.told(subject, "write")["paths"]]
    if names != others:
        raise CheckFailed(
            "write() gives its paths in another order, or other paths, in another process",
            change="give them in the order of the items, not in that of a set",
            example=f"{shown(names)}, then {shown(others)}",
        )
    return ", ".join(names[:3]) + (" ..." if names[3:] else "")


def _within(path: Path) -> str:
    """The path within the folder, as ``Probe.files`` has it; the name alone outside of it."""
    parts = path.parts
    return "/".join(parts[parts.index(OUT) + 1 :]) if OUT in parts else path.name


def check_write_inside(subject: Subject) -> str:
    """write() writes only into its folder: not next to it, in the home or in the current folder."""
    for probe in _written(subject):
        told = probe.told(subject, "write")
        if told["outside"]:
            name = Path(told["outside"][0]).name
            raise CheckFailed(
                f"write() also writes {shown(name)}, which is not in its folder",
                change="write with seqgen.write_file(folder / NAME, content); keep caches for "
                "reading, not for writing",
            )
    return f"{len(probe.files)} files"


def check_write_repeats(subject: Subject) -> str:
    """Writing the same items twice, in two processes, gives the same bytes."""
    first, again = _written(subject)
    first.told(subject, "write"), again.told(subject, "write")
    for name in sorted({*first.files, *again.files}):
        if first.files.get(name) != again.files.get(name):
            raise CheckFailed(
                f"{name!r} has other bytes when it is written again",
                change="write no time, no random number and nothing in the order of a set",
                example=_first_difference(first.files.get(name), again.files.get(name)),
            )
    return f"{sum(map(len, first.files.values())):,} bytes"


def _first_difference(one: bytes | None, other: bytes | None) -> str:
    if one is None or other is None:
        return "one process did not write it"
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    at = min(len(one), len(other)) if shared is None else shared
    return f"at byte {at}: {one[at : at + 20]!r}, then {other[at : at + 20]!r}"


def check_write_receipts(subject: Subject) -> str:
    """With keeps_receipts, a file contains each item's receipt unchanged."""
    first, _ = _written(subject)
    if not subject.domain.keeps_receipts:
        raise NotApplicable("the domain keeps no receipts in its files")
    first.told(subject, "write")
    if subject.fails("write_inside"):
        raise NotApplicable("needs what write_inside finds broken")
    lines = [RECEIPT.format(place).encode() for place in range(min(ITEMS, len(subject.items)))]
    for line in lines:
        if not any(line in content for content in first.files.values()):
            raise CheckFailed(
                "the receipt of an item stands in none of its files",
                change="put the line into a text or comment of the file, unchanged and not packed",
                example=line.decode(),
            )
    return f"{len(lines)} receipts in {len(first.files)} files"


ANEW = "train it anew on the data that you ship, and put the model file in its place"


def check_shipped_model(subject: Subject) -> str:
    """The shipped model is usable and was trained on the shipped data."""
    path = subject.domain.model
    if path is None:
        raise NotApplicable("the domain ships no model")
    if not path.is_file():
        raise CheckFailed(
            "there is no file where Domain.model says",
            change="put the model file beside the module, say Path(__file__).parent / ... for it, "
            "and name it in package-data, so that the wheel holds it",
            example=str(path),
        )
    trained = subject.unless_broken(partial(_loaded, subject, path), "json", "fingerprint")
    encoder = subject.encoder
    if trained.encoder.fingerprint() != encoder.fingerprint():
        raise CheckFailed("the shipped model has another vocabulary than the data", change=ANEW)
    encoded = [subject.encode(item) for item in subject.items]
    digest = make_card(subject.corpus, encoder, encoded, {}).digest
    if trained.manifest["data_card"]["digest"] != digest:
        raise CheckFailed("the shipped model was trained on other items", change=ANEW)
    return f"{path.name}, {path.stat().st_size / 1e6:.1f} MB"


def _loaded(subject: Subject, path: Path) -> TrainedModel:
    try:
        return load_model(path, subject.loaded)
    except SeqgenError as error:
        raise CheckFailed(f"the shipped model cannot be used: {error}", change=ANEW) from None
