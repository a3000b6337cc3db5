"""seqgen-tunes: folk tunes in ABC, with bars that add up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import final

import seqgen
from seqgen_tunes.guide import FEWEST, MOST, TuneGuide
from seqgen_tunes.reading import Unreadable, tokens_of

#: As found: the folders state no licence; music21's corpus/license.txt speaks of all its folders.
LICENCE = "none stated with these tunes; see corpus/license.txt of music21"
PRESETS = {"units": 192, "embedding": 64, "dropout": 0.2, "epochs": 8, "count": 3}


@dataclass(frozen=True)
class Wishes:
    """What the tunes must be."""

    meter: str | None = seqgen.setting(None, 'Meter of every tune ("6/8"); any when not given.')
    key: str | None = seqgen.setting(None, 'Key of every tune ("D", "Ador"); any when not given.')
    bars: int = seqgen.setting(MOST, "Most bars as written.", min=FEWEST, max=MOST)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


@final
class TuneEncoder(seqgen.SymbolEncoder[str]):
    """One token for each part of a tune, which are parted by spaces."""

    def symbols(self, item: str) -> list[str]:
        return item.split(" ")

    def item(self, symbols: Sequence[str]) -> str:
        return " ".join(symbols)


def shipped() -> list[Path]:
    """The folders of Irish tunes in the corpus of music21.

    Raises:
        DataError: This installation of music21 is without them.
    """
    found = find_spec("music21")
    root = Path(found.origin).parent / "corpus" if found and found.origin else Path()
    folders = [root / "ryansMammoth", root / "oneills1850"]
    missing = [folder for folder in folders if not any(folder.glob("*.abc"))]
    if missing:
        raise seqgen.DataError(
            f"no tunes in {missing[0]}: this music21 came without its corpus; "
            "install the one of the package index, or give ABC files with --data"
        )
    return folders


def abc_files(source: Path | None) -> list[Path]:
    """The ABC files to read, in a stable order."""
    places = shipped() if source is None else [source]
    files = [f for p in places for f in (sorted(p.rglob("*.abc")) if p.is_dir() else [p])]
    if not files:
        raise seqgen.DataError(f"{source} holds no .abc file; give a file or a folder of ABC")
    return files


def corpus(source: Path | None) -> seqgen.Corpus[str]:
    """The tunes that have the normal form; the others are counted by reason."""
    tunes: dict[str, None] = {}
    reasons: Counter[str] = Counter()
    for path in abc_files(source):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise seqgen.DataError(f"cannot read {path}: {error.strerror}") from error
        for abc in re.split(r"(?m)^(?=X:)", text)[1:]:
            try:
                tunes.setdefault(" ".join(tokens_of(abc)))
            except Unreadable as error:
                reasons[str(error)] += 1
    kept = fitting(tuple(tunes))
    reasons[f"bars or repeats do not add up, or more than {MOST} bars"] = len(tunes) - len(kept)
    left_out = tuple(seqgen.LeftOut(f"{n:,} tunes", why) for why, n in reasons.items() if n)
    licence = LICENCE if source is None else ""
    return seqgen.Corpus(kept, left_out, notes={"tunes": f"{len(kept):,}"}, licence=licence)


def fitting(tunes: Sequence[str]) -> tuple[str, ...]:
    """The tunes that the guide lets through."""
    if not tunes:
        return ()
    vocabulary = (encoder := TuneEncoder().fit(tunes)).vocabulary
    walker = TuneGuide(vocabulary, None, None)
    return tuple(t for t in tunes if seqgen.accepts(walker, encoder.prompt(t), vocabulary.end))


def guide(encoder: TuneEncoder, wishes: Wishes, condition: None) -> TuneGuide:
    """Tunes in the meter and key that are wished."""
    return TuneGuide(encoder.vocabulary, wishes.meter, wishes.key, wishes.bars)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    from seqgen_tunes.writing import abc_text, write

    return seqgen.Domain(
        name="tunes",
        summary="Folk tunes in ABC",
        corpus=corpus,
        encoder=TuneEncoder,
        prompt_options=Wishes,
        guide=guide,
        preview=abc_text,
        write=write,
        presets=PRESETS,
        suffixes=(".abc",),
    )
