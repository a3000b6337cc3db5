"""A million strings through the chord reader: nothing but a chord or the documented error.

Run ``python -m benchmarks.jazz.chord_fuzz [--count 1000000] [--seed 7]``. A third of the strings are
real spellings with up to four edits, a third are drawn from the letters and signs of chord
symbols, a third from all of Unicode. What is read must be spelt so that it reads back to the
same chord; an error must name the text and a column inside it.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

from seqgen_jazz import parse_chord

from seqgen import DataError

TABLE = Path(__file__).resolve().parents[2] / "plugins/jazz/tests/chord_spellings.tsv"
SIGNS = "ABCDEFGHbb##♭♯-−–+ΔøØo°^jhmaMdisugnlt0123456789()/%:,. []"
_COLUMN = re.compile(r" at column (\d+): ")


def known_spellings() -> list[str]:
    """The spellings of the table of ``plugins/jazz/tests``."""
    lines = TABLE.read_text("utf-8").splitlines()
    return [line.split("\t")[1] for line in lines if not line.startswith("#")]


def edited(text: str, rng: random.Random) -> str:
    """The text with one to four characters put in, taken out, changed or swapped."""
    letters = list(text)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(letters) + 1)
        match rng.randrange(4):
            case 0:
                letters.insert(at, rng.choice(SIGNS))
            case 1:
                del letters[at : at + 1]
            case 2:
                letters[at : at + 1] = rng.choice(SIGNS)
            case _:
                letters[at : at + 2] = letters[at : at + 2][::-1]
    return "".join(letters)


def any_character(rng: random.Random) -> str:
    """A character of any plane; ASCII in half of the draws."""
    return chr(rng.randrange(128) if rng.random() < 0.5 else rng.randrange(sys.maxunicode + 1))


def draw(kind: int, known: list[str], rng: random.Random) -> str:
    """One string of a kind: 0 an edited spelling, 1 signs of chords, 2 any characters."""
    if kind == 0:
        return edited(rng.choice(known), rng)
    length = min(40, int(rng.expovariate(0.15)))
    if kind == 1:
        return "".join(rng.choice("CDEFGAB" if not at else SIGNS) for at in range(length))
    return "".join(any_character(rng) for _ in range(length))


def outcome(text: str) -> str:
    """``read``, ``refused``, or what went wrong."""
    try:
        chord = parse_chord(text)
    except DataError as error:
        said = str(error)
        column = _COLUMN.search(said)
        if repr(text) not in said or column is None:
            return f"an error without text or column: {said}"
        inside = 1 <= int(column[1]) <= len(text) + 1
        return "refused" if inside else f"a column outside the text: {said}"
    except Exception as error:  # what the run is there to find
        return f"{type(error).__name__}: {error}"
    if parse_chord(str(chord)) != chord:
        return f"{chord} reads back as another chord"
    return "read"


def fuzz(count: int, seed: int) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Outcomes of ``count`` strings, and the strings that went wrong."""
    rng, known = random.Random(seed), known_spellings()
    counts: Counter[str] = Counter()
    wrong = []
    for number in range(count):
        text = draw(number % 3, known, rng)
        found = outcome(text)
        if found in ("read", "refused"):
            counts[found] += 1
        else:
            wrong.append((text, found))
    return counts, wrong


def main() -> None:
    """Run it and print the outcome; a failure ends with status 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    began = time.process_time()
    counts, wrong = fuzz(given.count, given.seed)
    seconds = time.process_time() - began
    print(
        f"{given.count:,} strings of seed {given.seed}: {counts['read']:,} read, "
        f"{counts['refused']:,} refused, {len(wrong)} wrong; {seconds:.0f} s of CPU time"
    )
    for text, found in wrong[:20]:
        print(f"  {text!r}: {found}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
