"""Composes the jazz corpus as ABC files: ``python -m benchmarks.jazz.compose [--out DIR]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.jazz.compose.book import compose_book
from benchmarks.jazz.compose.entries import BOOK
from benchmarks.jazz.compose.notation import write_tune
from benchmarks.timing import ROOT

DATA = ROOT / "plugins" / "jazz" / "seqgen_jazz" / "data"


def main() -> None:
    """Write one ABC file per ``file`` name of the book."""
    names = sorted({entry.file for entry in BOOK})
    parser = argparse.ArgumentParser(description="Compose the embedded jazz corpus.")
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    parser.add_argument("--only", choices=names, action="append", help="only these files")
    options = parser.parse_args()
    for name in options.only or names:
        choruses = compose_book([entry for entry in BOOK if entry.file == name])
        tunes = [write_tune(chorus, number) for number, chorus in enumerate(choruses, 1)]
        path = options.out / f"{name}.abc"
        path.write_text("\n".join(tunes), encoding="ascii", newline="\n")
        print(f"{path.name}: {len(choruses)} choruses, {sum(len(c.notes) for c in choruses)} notes")


if __name__ == "__main__":
    main()
