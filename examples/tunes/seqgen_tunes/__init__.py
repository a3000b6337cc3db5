"""seqgen-tunes: folk tunes in ABC, with bars that add up."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import final

import seqgen
from seqgen_tunes.guide import MOST, Options, TuneGuide
from seqgen_tunes.reading import normal
from seqgen_tunes.writing import abc_text, write

#: The folders state no licence; music21's corpus/license.txt covers all its folders.
LICENCE = "none stated with these tunes; see corpus/license.txt of music21"


@final
class TuneEncoder(seqgen.RegexEncoder):
    """One token for each part of a tune; spaces separate the parts."""

    name, pattern, between = "tunes", "[^ ]+", " "


def shipped() -> list[Path]:
    """The folders of Irish tunes in the corpus of music21.

    Raises:
        DataError: This installation of music21 does not include them.
    """
    found = find_spec("music21")
    corpus = Path(found.origin if found and found.origin else "").parent / "corpus"
    folders = [corpus / "ryansMammoth", corpus / "oneills1850"]
    if not all(any(folder.glob("*.abc")) for folder in folders):
        raise seqgen.DataError(
            f"no tunes in {corpus}: this music21 came without its corpus; "
            "install the one of the package index, or pass ABC files with --data"
        )
    return folders


def corpus(source: Path | None, options: seqgen.NoOptions) -> seqgen.Corpus[str]:
    """Read the tunes that have the normal form; count the others by reason."""
    folders = [source] if source else shipped()
    files = [file for folder in folders for file in seqgen.find_files(folder, (".abc",))]
    return seqgen.gather(
        (abc for file in files for abc in re.split(r"(?m)^(?=X:)", seqgen.read_text(file))[1:]),
        normal,
        encoder=TuneEncoder(),
        guide=lambda encoder: TuneGuide(encoder.vocabulary, Options()),
        unfit=f"bars or repeats do not add up, or more than {MOST} bars",
        licence="" if source else LICENCE,
    )


def guide(encoder: TuneEncoder, options: Options, condition: None) -> TuneGuide:
    """A guide for tunes in the requested meter and key."""
    return TuneGuide(encoder.vocabulary, options)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="tunes",
        summary="Folk tunes in ABC",
        corpus=corpus,
        encoder=TuneEncoder,
        generation_options=Options,
        guide=guide,
        render=lambda tune: {"text/plain": lambda: abc_text(tune)},
        write=write,
        presets={"units": 192, "embedding": 64, "dropout": 0.2, "epochs": 8, "count": 3},
        suffixes=(".abc",),
    )
