"""Broken corpora: data that do not load, or differ each time."""

from __future__ import annotations

from .broken_domain import Broken

CORPUS = [
    Broken(
        "corpus",
        "raises on its own data",
        {"RHYTHMS.splitlines()": '{}["rhythms"]'},
        "corpus(None, options) raised KeyError",
    ),
    Broken(
        "corpus",
        "nearly equal items",
        {"Corpus(tuple(items), groups": "Corpus(tuple(items[:1]) * 14, groups"},
        "nearly all the same",
    ),
    Broken(
        "corpus",
        "too few groups",
        {"for each in items))": "for each in items[1:]))"},
        "as many groups or none",
    ),
    Broken(
        "corpus_repeats",
        "an exhausted iterator",
        {
            "METRES = (2, 3, 4)": "METRES = (2, 3, 4)\nLINES = iter(RHYTHMS.splitlines())",
            "else RHYTHMS.splitlines()": "else LINES",
        },
        "contains no usable item",
    ),
    Broken(
        "corpus_repeats",
        "another order each time",
        {
            "METRES = (2, 3, 4)": "METRES = (2, 3, 4)\nCALLS: list[int] = []",
            "    return seqgen.Corpus(": "    CALLS.append(0)\n"
            "    items = items[:: (-1) ** len(CALLS)]\n    return seqgen.Corpus(",
        },
        "returned a different item",
    ),
    Broken(
        "corpus_groups",
        "two groups are too few",
        {'groups=tuple("".join(each.beats)': "groups=tuple(str(each.metre > 2)"},
        "only 2 groups",
    ),
    Broken(
        "data_options",
        "one metre is a KeyError",
        {"if options.metre in (0, each.metre)]": "if {0: 1, 1: each.metre == 1}[options.metre]]"},
        "DataOptions(metre=4)) raised KeyError",
    ),
    Broken(
        "bad_data",
        "reads a file without checks",
        {"seqgen.read_items(source)": "source.read_text('utf-8').splitlines()"},
        "UnicodeDecodeError",
    ),
]
