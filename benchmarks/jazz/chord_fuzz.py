"""Fuzz test of the chord parser: a million strings give a chord or the documented error.

Run ``python -m benchmarks.jazz.chord_fuzz [--count 1000000] [--seed 7]``. A third of the strings
are known spellings with up to four edits, a third consist of characters of chord symbols, a third
of any Unicode. The spelling of a parsed chord must parse as the same chord; an error must name
the text and a column inside the text.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter

from seqgen_jazz import parse_chord

from benchmarks.timing import import_jazz_test_module
from seqgen import DataError

CHARACTERS = "ABCDEFGHbb##♭♯-−–+ΔøØo°^jhmaMdisugnlt0123456789()/%:,. []"
_COLUMN = re.compile(r" at column (\d+): ")


def edit(text: str, rng: random.Random) -> str:
    """Insert, delete, replace or swap one to four characters."""
    letters = list(text)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(letters) + 1)
        match rng.randrange(4):
            case 0:
                letters.insert(at, rng.choice(CHARACTERS))
            case 1:
                del letters[at : at + 1]
            case 2:
                letters[at : at + 1] = rng.choice(CHARACTERS)
            case _:
                letters[at : at + 2] = letters[at : at + 2][::-1]
    return "".join(letters)


def random_character(rng: random.Random) -> str:
    """A character of any plane, with probability 1/2 in ASCII."""
    return chr(rng.randrange(128) if rng.random() < 0.5 else rng.randrange(sys.maxunicode + 1))


def random_text(kind: int, known: list[str], rng: random.Random) -> str:
    """A string of a kind: 0 an edited spelling, 1 characters of chord symbols, 2 any Unicode."""
    if kind == 0:
        return edit(rng.choice(known), rng)
    length = min(40, int(rng.expovariate(0.15)))
    if kind == 1:
        return "".join(rng.choice("CDEFGAB" if not at else CHARACTERS) for at in range(length))
    return "".join(random_character(rng) for _ in range(length))


def try_text(text: str) -> str:
    """``parsed``, ``refused``, or a description of the failure."""
    try:
        chord = parse_chord(text)
    except DataError as error:
        message = str(error)
        column = _COLUMN.search(message)
        if repr(text) not in message or column is None:
            return f"error without text or column: {message}"
        inside = 1 <= int(column[1]) <= len(text) + 1
        return "refused" if inside else f"column outside the text: {message}"
    except Exception as error:  # a failure of the parser
        return f"{type(error).__name__}: {error}"
    if parse_chord(str(chord)) != chord:
        return f"{chord} parses as another chord"
    return "parsed"


def fuzz(count: int, seed: int) -> tuple[Counter[str], list[tuple[str, str]]]:
    """The counts of ``parsed`` and ``refused``, and the failures with their descriptions."""
    rng = random.Random(seed)
    known = [spelling.text for spelling in import_jazz_test_module("chord_table").spellings()]
    counts: Counter[str] = Counter()
    failures = []
    for number in range(count):
        text = random_text(number % 3, known, rng)
        result = try_text(text)
        if result in ("parsed", "refused"):
            counts[result] += 1
        else:
            failures.append((text, result))
    return counts, failures


def main() -> None:
    """Print the counts and the failures; exit with status 1 if there are failures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    start = time.process_time()
    counts, failures = fuzz(options.count, options.seed)
    seconds = time.process_time() - start
    print(
        f"{options.count:,} strings with seed {options.seed}: {counts['parsed']:,} parsed, "
        f"{counts['refused']:,} refused, {len(failures)} failures; {seconds:.0f} s of CPU time"
    )
    for text, result in failures[:20]:
        print(f"  {text!r}: {result}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
