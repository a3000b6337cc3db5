"""Broken plugins: what they register, and their flags."""

from __future__ import annotations

from .broken_domain import Broken

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
        {"@dataclass(frozen=True)\nclass GenerationOptions": "@dataclass\nclass GenerationOptions"},
        "frozen",
    ),
    Broken(
        "domain_fields",
        "an option that cannot be a flag",
        {CHECKED: f"{CHECKED}    more: tuple[int, ...] = seqgen.setting((), 'More.')\n"},
        "to be a flag",
    ),
    Broken(
        "import_weight",
        "imports matplotlib at module level",
        {"import seqgen\n\n#: A metre": "import matplotlib\nimport seqgen\n\n#: A metre"},
        "loads matplotlib",
    ),
    Broken(
        "options",
        "an option without help",
        {'seqgen.setting("", "The first beat.")': '""'},
        "GenerationOptions.first has no help text",
    ),
    Broken(
        "options",
        "bounds that are not checked",
        {
            f"{CHECKED}\n    def __post_init__(self) -> None:\n"
            "        seqgen.check_settings(self)": CHECKED
        },
        "out of its bounds",
    ),
    Broken("presets", "no such setting", {'{"units": 16}': '{"unit": 16}'}, "'unit'"),
    Broken("presets", "no such value", {'{"units": 16}': '{"units": "16"}'}, "units must be int"),
    Broken(
        "generation_options",
        "an unknown beat is a ValueError",
        {"encoder.vocabulary.id(options.first)": "encoder.vocabulary.symbols.index(options.first)"},
        "raised ValueError",
    ),
    Broken(
        "prompt_flags",
        "a flag that seqgen has already",
        {CHECKED: f"{CHECKED}    top_k: int = seqgen.setting(1, 'Best.', min=1)\n"},
        "clashes with",
    ),
    Broken(
        "generation_options",
        "no condition for the least metre",
        {"lambda options: options.metre": "lambda options: {3: 3, 4: 4}[options.metre]"},
        "metre = 2 raised KeyError",
    ),
    Broken(
        "resolve",
        "changes resolved options",
        {"first=options.first.strip()": "bars=max(4, options.bars - 1)"},
        "returns other options",
    ),
]
