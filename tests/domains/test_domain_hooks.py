"""The functions of a domain: resolve, rank, write with receipts; and the replay of items."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from seqgen import DataError, Evaluation, SettingError, check_settings, setting
from seqgen.cli.setting_options import setting_options
from seqgen.errors import PluginError
from seqgen.inference.generated_items import select_best, write_items
from seqgen.inference.generation_config import check_best
from seqgen.inference.item_generator import ItemGenerator
from seqgen.inference.receipt import MARK, Origin, find_receipt_line, receipt_line
from seqgen.inference.replay import file_difference, replay, write_replayed
from seqgen.models.model_file import TrainedModel, save_model
from seqgen.registry.installed_plugins import LoadedDomain

from ..conftest import Run
from ..helpers.fakes import dinos, model_by_hand, text_domain
from ..helpers.generators import item_generator

WORDS = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")


@dataclass(frozen=True)
class Options:
    """A text, or the name of a file that contains it."""

    theme: str | None = setting(None, "A text or a file.")
    from_: str = setting("", "Where from.")

    def __post_init__(self) -> None:
        check_settings(self)


def resolve(options: Options) -> Options:
    """Return the text of the file; "plain" by default."""
    theme = options.theme or "plain"
    return replace(options, theme=Path(theme).read_text() if theme.endswith(".txt") else theme)


def write(items: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """Write a binary file for each item, with the receipt inside."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number, (item, line) in enumerate(zip(items, receipts, strict=True)):
        path = folder / f"{number}.bin"
        path.write_bytes(b"\xff\x00" + item.encode() + b"\x01" + line.encode() + b"\xfe<>")
        paths.append(path)
    return paths


DOMAIN = text_domain(
    WORDS,
    generation_options=Options,
    resolve=resolve,
    write=write,
    keeps_receipts=True,
    evaluation=Evaluation(
        rank=lambda items: sorted(range(len(items)), key=lambda place: (len(items[place]), place))
    ),
)
LOADED = LoadedDomain(DOMAIN, "tests", "1")


def trained() -> TrainedModel:
    """A model of the words with random weights."""
    return model_by_hand(LOADED, WORDS)


def run(folder: Path, options: Options, **settings: Any) -> ItemGenerator:
    """A generator with receipts for a saved model."""
    path = folder / "m.safetensors"
    model = trained()
    save_model(path, model)
    return item_generator(DOMAIN, model, options, origin=Origin.of(path, LOADED), **settings)


def test_receipts_contain_resolved_options_and_need_no_file(tmp_path: Path) -> None:
    theme = tmp_path / "theme.txt"
    theme.write_text("la <&> la\n")
    (item,) = run(tmp_path, Options(theme=str(theme))).items([3])
    theme.unlink()
    assert item.receipt is not None
    assert item.receipt.options == {"theme": "la <&> la\n", "from_": ""}
    line = receipt_line(item.receipt)
    assert line.isascii() and line.isprintable() and not set("<>&") & set(line)
    assert json.loads(line.removeprefix(MARK)) == item.receipt.to_dict()
    again = replay(item.receipt, LOADED, trained(), tmp_path / "m.safetensors")
    assert again.difference == "" and again.item.sample == item.sample


def test_replay_compares_a_file_with_the_one_written_now(tmp_path: Path) -> None:
    items = list(run(tmp_path, Options(), seed=4).first(3))
    files = write_items(DOMAIN, items, tmp_path / "out")
    assert [path.name for path in files] == ["samples.jsonl", "0.bin", "1.bin", "2.bin"]
    data = files[2].read_bytes()
    line = find_receipt_line(data, "it")
    assert line is not None and items[1].receipt is not None
    assert line == receipt_line(items[1].receipt)
    found = replay(items[1].receipt, LOADED, trained(), tmp_path / "m.safetensors")
    assert file_difference(DOMAIN, found, line, files[2]) == ""
    (again,) = write_replayed(DOMAIN, found, line, tmp_path / "again")
    assert again.read_bytes() == data
    files[2].write_bytes(data[:-1] + b"!")
    assert f"from byte {len(data)} on" in file_difference(DOMAIN, found, line, files[2])
    files[2].write_bytes(data + b"!")
    assert f"from byte {len(data) + 1} on" in file_difference(DOMAIN, found, line, files[2])
    other = tmp_path / "x.wav"
    other.write_bytes(data)
    assert "0 files like" in file_difference(DOMAIN, found, line, other)


def test_files_with_no_receipt_several_or_a_damaged_one() -> None:
    line = MARK + '{"a":[1,"}"]}'
    assert find_receipt_line(b"\x00" + line.encode() + b'}{"', "it") == line
    assert find_receipt_line(b"nothing", "it") is None
    own = b' {"text": "seqgen-receipt {}"}'
    assert find_receipt_line(own, "it") is None, "JSON speaks for itself"
    with pytest.raises(DataError, match="it: holds 2 receipts"):
        find_receipt_line(line.encode() * 2, "it")
    for cut in (line[:-1], MARK, MARK + "[" * 100_000):
        with pytest.raises(DataError, match="it: its receipt is damaged"):
            find_receipt_line(b"\xff" + cut.encode(), "it")


def test_write_may_ignore_the_receipts(tmp_path: Path) -> None:
    def plain(items: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
        (folder / "x").write_text(" ".join(items))
        return [folder / "x"]

    domain = replace(DOMAIN, write=plain, keeps_receipts=False)
    items = list(run(tmp_path, Options()).first(2))
    assert [path.name for path in write_items(domain, items, tmp_path)] == ["samples.jsonl", "x"]


def test_the_best_items_come_first(tmp_path: Path) -> None:
    items = list(run(tmp_path, Options()).first(9))
    best = select_best(DOMAIN, items, 4)
    lengths = [len(item.text) for item in items]
    assert [len(item.text) for item in best] == sorted(lengths)[:4]
    assert select_best(DOMAIN, items, None) == items
    check_best(DOMAIN, 9, 9)
    with pytest.raises(SettingError, match="best must be <= 8, the number of samples, was 9"):
        check_best(DOMAIN, 9, 8)
    with pytest.raises(SettingError, match="'words' does not rank its items"):
        check_best(replace(DOMAIN, evaluation=Evaluation()), 1, 8)
    for wrong in ([0], [0, 0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 8, 9]):
        with pytest.raises(PluginError, match="must return each of the indices 0 to 8 once"):
            select_best(
                replace(DOMAIN, evaluation=Evaluation(rank=lambda items, w=wrong: w)), items, 2
            )


def test_a_trailing_underscore_is_not_part_of_the_flag() -> None:
    options = {option.name: option.opts for option in setting_options({"Domain": Options})}
    assert options == {"theme": ["--theme"], "from_": ["--from"]}


def test_best_on_the_command_line(
    dinos_model: Path, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = seqgen("generate", dinos_model, "--takes", 4, "--best", 2)
    assert refused.code == 1 and "does not rank its items" in refused.err
    for other in (("--only", 1), ("--stream",)):
        refused = seqgen("generate", dinos_model, "--best", 2, *other)
        assert refused.code == 2 and "omit one of them" in refused.err
    loaded = dinos()
    backwards = replace(
        loaded.domain, evaluation=Evaluation(rank=lambda items: range(len(items))[::-1])
    )
    monkeypatch.setattr(
        "seqgen.inference.open_model.load_domain", lambda name: replace(loaded, domain=backwards)
    )
    every = seqgen("generate", dinos_model, "--takes", 4, "--json").out.splitlines()
    best = seqgen("generate", dinos_model, "--takes", 4, "--best", 2, "--json").out.splitlines()
    assert [json.loads(line)["index"] for line in best] == [3, 2]
    assert best == every[:1:-1]


def test_a_solo_is_replayed_from_its_midi_file(
    jazz_model: Path, seqgen: Run, tmp_path: Path
) -> None:
    flags = ("--chart", "Dm7 | G7", "--takes", 3, "--best", 1, "--seed", 5)
    assert seqgen("generate", jazz_model, *flags, "--out", tmp_path / "a").code == 0
    first = tmp_path / "a" / "solo-001.mid"
    rest = ("--redo", 2, "--lyrics", "--bass-part", "--out", tmp_path / "b", "-n", 1)
    assert seqgen("generate", jazz_model, "--from", first, *rest).code == 0
    for file in (first, tmp_path / "b" / "solo-001.mid", tmp_path / "b" / "solo-001.musicxml"):
        data = file.read_bytes()
        again = seqgen("replay", file, "--out", tmp_path / "again")
        assert again.code == 0 and f"{file} byte for byte" in again.out
        assert (tmp_path / "again" / file.name).read_bytes() == data
        file.write_bytes(data + b" ")
        changed = seqgen("replay", file)
        assert changed.code == 1 and "it was changed since" in changed.err
        file.write_bytes(data)
    moved = tmp_path / "moved.safetensors"
    jazz_model.rename(moved)
    try:
        lost = seqgen("replay", first)
        assert lost.code == 1 and f"no model file {jazz_model}; give its path" in lost.err
        assert seqgen("replay", first, "--model", moved).code == 0
    finally:
        moved.rename(jazz_model)
