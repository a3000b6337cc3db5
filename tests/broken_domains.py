"""Deliberately broken domains: each is a good one with one defect, and the check that tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

HERE = Path(__file__).parent


@final
@dataclass(frozen=True)
class Broken:
    """A good domain with one defect.

    Args:
        check: The one check that must fail.
        defect: What is wrong, in words.
        changes: Pieces of the good source, each with what stands there instead.
        says: What the message must hold.
        of: The good domain.
    """

    check: str
    defect: str
    changes: dict[str, str]
    says: str
    of: str = "tiny_domain.py"

    def source(self) -> str:
        """The source of the broken domain."""
        source = (HERE / self.of).read_text(encoding="utf-8")
        for old, new in self.changes.items():
            assert source.count(old) == 1, f"{old!r} must stand once in {self.of}"
            source = source.replace(old, new)
        return source


LEARN = "return type(self)(seqgen.Vocabulary.learn(item.beats for item in items))"
BEATS = "beats = [self.vocabulary.symbols[token] for token in tokens]"
ID = "tokens = [self.vocabulary.id(beat) for beat in item.beats]"
WRITE = 'seqgen.write_file(folder / f"rhythm-{number}.txt", text(item))'
MASK = "mask = np.full(self._size, state < self.max_tokens)"
CHECKED = '    first: str = seqgen.setting("", "The first beat.")\n'

PLUGIN = [
    Broken(
        "domain_fields",
        "raises while it is imported",
        {"METRES = (2, 3, 4)": "METRES = 2 / 0"},
        "ZeroDivisionError",
    ),
    Broken(
        "domain_fields",
        "no summary",
        {'summary="Rhythms over a metre"': 'summary=""'},
        "summary",
    ),
    Broken(
        "domain_fields",
        "options that can be changed",
        {"@dataclass(frozen=True)\nclass Wishes": "@dataclass\nclass Wishes"},
        "frozen",
    ),
    Broken(
        "domain_fields",
        "an option that no flag can say",
        {CHECKED: f"{CHECKED}    more: tuple[int, ...] = seqgen.setting((), 'More.')\n"},
        "flag can be",
    ),
    Broken(
        "import_weight",
        "imports matplotlib at its top",
        {"import seqgen\n\n#: A metre": "import matplotlib\nimport seqgen\n\n#: A metre"},
        "loads matplotlib",
    ),
    Broken(
        "options",
        "an option without help",
        {'seqgen.setting("", "The first beat.")': '""'},
        "Wishes.first has no help text",
    ),
    Broken(
        "options",
        "bounds that are not held",
        {
            f"{CHECKED}\n    def __post_init__(self) -> None:\n        seqgen.check_settings(self)": CHECKED
        },
        "out of its bounds",
    ),
    Broken("presets", "no such setting", {'{"units": 16}': '{"unit": 16}'}, "'unit'"),
    Broken("presets", "no such value", {'{"units": 16}': '{"units": "16"}'}, "units must be int"),
    Broken(
        "prompt_flags",
        "an unknown beat is a ValueError",
        {"encoder.vocabulary.id(wishes.first)": "encoder.vocabulary.symbols.index(wishes.first)"},
        "raised ValueError",
    ),
    Broken(
        "prompt_flags",
        "a flag that seqgen has already",
        {CHECKED: f"{CHECKED}    top_k: int = seqgen.setting(1, 'Best.', min=1)\n"},
        "clashes with",
    ),
    Broken(
        "prompt_flags",
        "no condition for the least metre",
        {"lambda wishes: wishes.metre": "lambda wishes: {3: 3, 4: 4}[wishes.metre]"},
        "metre = 2 raised KeyError",
    ),
]
CORPUS = [
    Broken(
        "corpus",
        "raises on its own data",
        {"RHYTHMS.splitlines()": '{}["rhythms"]'},
        "corpus(None) raised KeyError",
    ),
    Broken(
        "corpus",
        "as good as no items",
        {
            "return seqgen.Corpus(tuple(kept), groups": "return seqgen.Corpus(tuple(kept[:1]) * 14, groups"
        },
        "nearly all the same",
    ),
    Broken(
        "corpus",
        "too few groups",
        {"for each in kept))": "for each in kept[1:]))"},
        "as many groups or none",
    ),
    Broken(
        "corpus_repeats",
        "an iterator that runs dry",
        {
            "METRES = (2, 3, 4)": "METRES = (2, 3, 4)\nLINES = iter(RHYTHMS.splitlines())",
            "else RHYTHMS.splitlines()": "else LINES",
        },
        "holds no usable item",
    ),
    Broken(
        "corpus_repeats",
        "another order each time",
        {
            "METRES = (2, 3, 4)": "METRES = (2, 3, 4)\nCALLS: list[int] = []",
            "    return seqgen.Corpus(tuple(kept)": "    CALLS.append(0)\n    kept = kept[:: (-1) ** len(CALLS)]\n    return seqgen.Corpus(tuple(kept)",
        },
        "was another one",
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
        {"if reading.metre in (0, each.metre)]": "if {0: 1, 1: each.metre == 1}[reading.metre]]"},
        "Reading(metre=4)) raised KeyError",
    ),
    Broken(
        "bad_data",
        "reads a file without looking",
        {"seqgen.read_items(source)": "source.read_text('utf-8').splitlines()"},
        "UnicodeDecodeError",
    ),
]
ENCODER = [
    Broken(
        "fit",
        "fit() fits the encoder itself",
        {LEARN: f"self._vocabulary = {LEARN[18:-1]}\n        return self"},
        "changes the encoder",
    ),
    Broken(
        "fit",
        "goes through the items twice",
        {LEARN: f"sum(len(item.beats) for item in items)\n        {LEARN}"},
        "fit() of an iterator raised DataError",
    ),
    Broken(
        "fit_order",
        "ids by first occurrence",
        {
            LEARN: "return type(self)(seqgen.Vocabulary(tuple(dict.fromkeys("
            "beat for item in items for beat in item.beats))))"
        },
        "reverse order",
    ),
    Broken(
        "round_trip",
        "open strokes are lost",
        {
            BEATS: BEATS.replace(
                "[self.vocabulary.symbols[token]",
                "['x' if self.vocabulary.symbols[token] == 'o' else self.vocabulary.symbols[token]",
            )
        },
        "do not come back",
    ),
    Broken(
        "round_trip",
        "cannot encode what fit() saw",
        {ID: "tokens = [{'x': 2, '.': 0}[beat] for beat in item.beats]"},
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
        "context columns must lie below",
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
        "the vocabulary that comes back",
    ),
    Broken(
        "json",
        "gives no JSON",
        {"list(self.vocabulary.symbols)}": "set(self.vocabulary.symbols)}"},
        "to_json() raised TypeError",
    ),
    Broken(
        "json",
        "forgets a part of itself",
        {
            "self._vocabulary = vocabulary\n": "self._vocabulary, self.kind = vocabulary, 'saved'\n",
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
        "processes gave the fingerprints",
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
        {ID: "tokens = [self.vocabulary.symbols.index(beat) for beat in item.beats]"},
        "an unknown symbol gives ValueError",
    ),
    Broken(
        "unknown_symbols",
        "an unknown symbol is left out",
        {ID: ID.replace("item.beats]", "item.beats if beat in self.vocabulary]")},
        "without a word",
    ),
    Broken(
        "unknown_symbols",
        "the error does not say which",
        {
            ID: f"if not set(item.beats) <= set(self.vocabulary.symbols):\n            raise seqgen.DataError('cannot encode this')\n        {ID}"
        },
        "does not name the unknown symbol",
    ),
    Broken(
        "prompt_text",
        "an unknown symbol of a prompt is a KeyError",
        {
            "    def to_json": "    def prompt(self, text: str) -> list[int]:\n        return [{'x': 0}[each] for each in text]\n\n    def to_json"
        },
        "gives KeyError",
    ),
]
GUIDE = [
    Broken(
        "guide_form",
        "a mask of numbers",
        {MASK: MASK.replace("state <", "1.0 * state <").replace("mask =", "mask = 1 *")},
        "allowed() must give",
    ),
    Broken(
        "guide_form",
        "two columns of context",
        {"return [state % self._metre]": "return [state % self._metre, 0]"},
        "context() must give",
    ),
    Broken(
        "guide_accepts_corpus",
        "too few bars by default",
        {"seqgen.setting(8,": "seqgen.setting(2,"},
        "the guide refuses",
    ),
    Broken(
        "guide_dead_ends",
        "no end at the longest",
        {"mask[-1] = state > 0 and": "mask[-1] = 0 < state < self.max_tokens and"},
        "a place where nothing is allowed",
    ),
    Broken(
        "guide_dead_ends",
        "a bar may be begun that nothing can fill",
        {"self.max_tokens = metre * bars": "self.max_tokens = metre * bars + 1"},
        "a place where nothing is allowed",
    ),
    Broken(
        "guide_bound",
        "goes on beyond its bound",
        {MASK: "mask = np.full(self._size, True)"},
        "goes on after",
    ),
    Broken(
        "guide_states",
        "the guide itself remembers the place",
        {
            "        return state + 1": "        self._at = state + 1\n        return state + 1",
            "    def row_start(self) -> int:": "    def row_start(self) -> int:\n        self._at = 0",
            "return [state % self._metre]": "return [self._at % self._metre]",
        },
        "was changed by a later step",
    ),
    Broken(
        "guide_states",
        "a state that is changed in place",
        {"after = state.copy()": "after = state"},
        "was changed by a later step",
        "tiny_words.py",
    ),
    Broken(
        "guide_states",
        "rows in another order",
        {"return state[rows]": "return state[np.sort(rows)]"},
        "gives other rows",
        "tiny_words.py",
    ),
    Broken(
        "guide_states",
        "one row rules the batch",
        {"(state[:, 1] == 0), 0]": "(state[:, 1] == 0).any(), 0]"},
        "sees something else than it does alone",
        "tiny_words.py",
    ),
    Broken(
        "contexts",
        "training and generation count otherwise",
        {"return [state % self._metre]": "return [(state + 1) % self._metre]"},
        "different context rows",
    ),
    Broken(
        "contexts",
        "no context while items are generated",
        {"return [state % self._metre]": "return None  # type: ignore"},
        "different context rows",
    ),
    Broken(
        "contexts",
        "no guide to give the context",
        {"        guide=guide,\n": ""},
        "no guide that gives it",
    ),
]
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
            "return Rhythm(condition, tuple(beats))": "CALLS.append(0)\n        ends = len(CALLS) % 2 and len(beats) > 12\n        return Rhythm(condition, tuple(beats)[: -condition if ends else None])",
        },
        "two items for the same tokens",
    ),
    Broken(
        "small_items",
        "looks at the first letter",
        {
            "        tokens = [self.vocabulary.id": "        item[0]\n        tokens = [self.vocabulary.id"
        },
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
ITEMS = [
    Broken(
        "text",
        "two lines",
        {"{item.metre} {''.join": "{item.metre}\\n{''.join"},
        "text() must give one line",
    ),
    Broken(
        "text",
        "only what is short",
        {
            '    return f"{item.metre} ': '    {0: 0}[len(item.beats) // 13]\n    return f"{item.metre} '
        },
        "text() raised KeyError",
    ),
    Broken("preview", "a list", {'return "\\n".join(': "return list("}, "preview() must give text"),
    Broken(
        "describe",
        "not a number",
        {"played / len(item.beats) if": 'float("nan") if'},
        "no finite number",
    ),
    Broken("describe", "words", {"played / len(item.beats) if": '"often" if'}, "no finite number"),
    Broken(
        "augment",
        "draws from the global generator",
        {"rng.randrange": "__import__('random').randrange"},
        "two items for the same random numbers",
    ),
    Broken(
        "augment",
        "gives what cannot be encoded",
        {"+ item.beats[:at])": "+ ('?',) * item.metre)"},
        "UnknownSymbol",
    ),
]
WRITING = [
    Broken(
        "write_paths",
        "a path at which nothing stands",
        {WRITE: f'({WRITE}, folder / f"{{number}}.txt")[1]'},
        "which is no file",
    ),
    Broken(
        "write_paths",
        "raises",
        {WRITE: WRITE.replace("text(item)", "item")},
        "TypeError",
    ),
    Broken(
        "write_inside",
        "beside the folder",
        {WRITE: WRITE.replace("folder /", "folder.parent /")},
        "not in its folder",
    ),
    Broken(
        "write_inside",
        "a log at home",
        {WRITE: f'[{WRITE}, (Path.home() / "rhythms.log").write_text("wrote")][0]'},
        "rhythms.log",
    ),
    Broken(
        "write_repeats",
        "the process in the file",
        {WRITE: WRITE.replace("text(item)", "f'{text(item)} {__import__(\"os\").getpid()}'")},
        "other bytes",
    ),
]
BROKEN = [*PLUGIN, *CORPUS, *ENCODER, *GUIDE, *DECODE, *ITEMS, *WRITING]
GOOD = ("tiny_domain.py", "tiny_words.py")
