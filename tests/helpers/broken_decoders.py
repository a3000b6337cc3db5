"""Broken decoders: tokens that a model can generate and decode() cannot decode."""

from __future__ import annotations

from .broken_domain import Broken

BEATS = "beats = [self.vocabulary.symbols[token].lower() for token in tokens]"

DECODE = [
    Broken(
        "decode_total",
        "no more than twenty beats",
        {BEATS: f"{BEATS}\n        beats[20:] = [{{}}[beat] for beat in beats[20:]]"},
        "decode() raised KeyError",
    ),
    Broken(
        "decode_total",
        "another item each time",
        {
            "METRES = (2, 3, 4)": "METRES = (2, 3, 4)\nCALLS: list[int] = []",
            "return Rhythm(condition, tuple(beats))": "CALLS.append(0)\n"
            "        ends = len(CALLS) % 2 and len(beats) > 12\n"
            "        return Rhythm(condition, tuple(beats)[: -condition if ends else None])",
        },
        "two items for the same tokens",
    ),
    Broken(
        "drawn_items",
        "what is long begins with its second beat",
        {BEATS: f"{BEATS}\n        beats = beats[1:] + beats[:1] if len(beats) > 20 else beats"},
        "does not come back",
    ),
    Broken(
        "small_items",
        "looks at the first letter",
        {"tokens = [self.vocabulary.id": "item[0]\n        tokens = [self.vocabulary.id"},
        "encode() raised IndexError",
        "tiny_words.py",
    ),
    Broken(
        "small_items",
        "one letter becomes a capital",
        {'return "".join(letters)': 'return "".join(letters) if letters != ["a"] else "A"'},
        "unknown symbol 'A'",
        "tiny_words.py",
    ),
    Broken(
        "huge_items",
        "decodes by recursion",
        {
            'return "".join(letters)': "head, *tail = letters or ['']\n"
            "        return head + (self.decode(tokens[1:]) if tail else '')"
        },
        "RecursionError",
        "tiny_words.py",
    ),
]
