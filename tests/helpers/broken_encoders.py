"""Broken encoders: round trips that fail, and wrong dependencies."""

from __future__ import annotations

from .broken_domain import Broken

LEARN = "return type(self)(self.options, seqgen.Vocabulary.learn(map(self._written, items)))"
BEATS = "beats = [self.vocabulary.symbols[token].lower() for token in tokens]"
ID = "tokens = [self.vocabulary.id(beat) for beat in self._written(item)]"

ENCODER = [
    Broken(
        "fit",
        "fit() fits the encoder itself",
        {
            LEARN: "self._vocabulary = seqgen.Vocabulary.learn(map(self._written, items))\n"
            "        return self"
        },
        "changes the encoder",
    ),
    Broken(
        "fit",
        "iterates over the items twice",
        {LEARN: f"sum(len(item.beats) for item in items)\n        {LEARN}"},
        "fit() of an iterator raised DataError",
    ),
    Broken(
        "fit_order",
        "ids by first occurrence",
        {
            LEARN: "return type(self)(self.options, seqgen.Vocabulary(tuple(dict.fromkeys("
            "beat for item in items for beat in self._written(item)))))"
        },
        "reverse order",
    ),
    Broken(
        "round_trip",
        "open strokes are lost",
        {
            BEATS: BEATS.replace(
                "[self.vocabulary.symbols[token].lower()",
                "[{'o': 'x'}.get(b := self.vocabulary.symbols[token].lower(), b)",
            )
        },
        "do not come back",
    ),
    Broken(
        "round_trip",
        "cannot encode what fit() saw",
        {ID: ID.replace("self.vocabulary.id(beat)", "{'x': 2, '.': 0}[beat]")},
        "encode() raised KeyError",
    ),
    Broken(
        "encoded_form",
        "tokens are int64",
        {"np.array(tokens, np.int32)": "np.array(tokens)"},
        "tokens must be (T,) int32",
    ),
    Broken(
        "encoded_form",
        "no context for the end",
        {"range(len(tokens) + 1)": "range(len(tokens))"},
        "context must be",
    ),
    Broken(
        "encoded_form",
        "a context out of its range",
        {"context_sizes = (max(METRES),)": "context_sizes = (max(METRES) - 1,)"},
        "context columns must be below",
    ),
    Broken(
        "encode_leaves_items",
        "decode() empties the tokens",
        {BEATS: f"{BEATS}\n        if isinstance(tokens, list):\n            tokens.clear()"},
        "decode() changes the tokens",
    ),
    Broken(
        "json",
        "comes back in another order",
        {'tuple(saved["beats"])': 'tuple(reversed(saved["beats"]))'},
        "the vocabulary restored from JSON",
    ),
    Broken(
        "json",
        "gives no JSON",
        {"list(self.vocabulary.symbols), ": "set(self.vocabulary.symbols), "},
        "to_json() raised TypeError",
    ),
    Broken(
        "json",
        "forgets a part of itself",
        {
            "context_sizes = (max(METRES),)": "context_sizes = (max(METRES),)\n    kind = 'saved'",
            LEARN: LEARN.replace("return", "made =")
            + "\n        made.kind = 'new'\n        return made",
            '{"beats":': '{"kind": self.kind, "beats":',
        },
        "another fingerprint",
    ),
    Broken(
        "fingerprint",
        "depends on the hash seed",
        {'{"beats":': '{"salt": hash("rhythm"), "beats":'},
        "processes have the fingerprints",
    ),
    Broken(
        "token_groups",
        "the end token in a group",
        {"range(self.vocabulary.end)": "range(self.vocabulary.size)"},
        "which is no symbol's id",
    ),
    Broken(
        "unknown_symbols",
        "an unknown symbol is a ValueError",
        {ID: ID.replace(".id(", ".symbols.index(")},
        "an unknown symbol raises ValueError",
    ),
    Broken(
        "unknown_symbols",
        "an unknown symbol is skipped",
        {ID: ID.replace("(item)]", "(item) if beat in self.vocabulary]")},
        "without an error",
    ),
    Broken(
        "unknown_symbols",
        "the error does not name the symbol",
        {
            ID: "if not set(self._written(item)) <= set(self.vocabulary.symbols):\n"
            f"            raise seqgen.DataError('cannot encode this')\n        {ID}"
        },
        "does not name the unknown symbol",
    ),
    Broken(
        "prompt_text",
        "an unknown symbol of a prompt is a KeyError",
        {
            "    def to_json": "    def prompt(self, text: str) -> list[int]:\n"
            "        return [{'x': 0}[each] for each in text]\n\n    def to_json"
        },
        "prompt() raised KeyError",
    ),
    Broken(
        "encoding_options",
        "capitals stay capitals",
        {"symbols[token].lower()": "symbols[token]"},
        "with capitals = True, round_trip",
    ),
]
