"""The error of a plugin is one line: the plugin, the field, the expected and the actual value."""

from __future__ import annotations

from dataclasses import fields

import pytest

from seqgen.domains.domain import Domain

from ..conftest import Install
from ..helpers.plugin_code import GOOD, WHO, refusal

HOOK = "import seqgen\n@seqgen.hookimpl\ndef seqgen_domain():\n    "
OPTIONS = """from dataclasses import dataclass
import seqgen
@dataclass(frozen=True)
class Wishes:
    {field}
"""


def with_field(given: str) -> str:
    """A plugin with one more argument of its ``Domain``."""
    return GOOD.format(name="birds").replace("summary=", f"{given}, summary=")


def with_evaluation(given: str) -> str:
    """A plugin with one argument of its ``Evaluation``."""
    return with_field(f"evaluation=seqgen.Evaluation({given})")


def with_options(field: str) -> str:
    """A plugin with a field in its generation options."""
    return OPTIONS.format(field=field) + with_field("generation_options=Wishes")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import seqgen\n\n1 / 0", "failed to load: ZeroDivisionError: division by zero"),
        ("import no_such_module_at_all", "ModuleNotFoundError: No module named"),
        ("import sys; sys.exit('bye')", "failed to load: SystemExit: bye"),
        ("class Own(BaseException): pass\nraise Own('x')", "failed to load: Own: x"),
        ("raise ValueError('two\\nlines \\x1b[31m')", "ValueError: two lines ?[31m (fake"),
        ("raise ValueError('long' * 1000)", "long... (fake_seqgen_birds.py, line 1)"),
        (
            "class Mute(Exception):\n    def __str__(self): raise OSError\nraise Mute",
            "Mute: (its message cannot be shown: OSError)",
        ),
        ("def f(:\n", "failed to load: SyntaxError"),
        (
            GOOD.format(name="birds").replace("seqgen_domain()", "seqgen_domian()"),
            "unknown hook 'seqgen_domian'; the hooks are seqgen_cells, seqgen_domain, "
            "seqgen_logits_processors, seqgen_samplers, so rename the function "
            "(fake_seqgen_birds.py, line 4)",
        ),
        (
            GOOD.format(name="birds").replace("seqgen_domain()", "seqgen_domain(wing)"),
            "failed to load: PluginValidationError: Plugin",
        ),
        ("x = 1", "has no hook: mark a function seqgen_domain() with @seqgen.hookimpl"),
        (GOOD.format(name="birds").replace("@seqgen.hookimpl", ""), "has no hook"),
        (
            HOOK + "return {'name': 'birds'}",
            "must return a seqgen.Domain, was {'name': 'birds'} (dict) (fake_seqgen_birds.py, line",
        ),
        (HOOK + "raise KeyError('wing')", "failed in seqgen_domain(): KeyError: 'wing'"),
        (HOOK + "return seqgen.Domain()", "failed in seqgen_domain(): TypeError"),
        (
            with_field("wings=2"),
            "TypeError: Domain.__init__() got an unexpected keyword argument 'wings' (fake_seq",
        ),
        (GOOD.format(name="fish"), "returns a domain named 'fish'; its entry point must have that"),
        (
            GOOD.format(name="Birds"),
            "Domain.name must be a str of lower-case letters, digits, - and _",
        ),
        (GOOD.format(name="1st"), "was '1st'"),
        (GOOD.format(name="bir ds"), "was 'bir ds'"),
        (GOOD.format(name="birds\n"), "was 'birds\\n'"),
        (GOOD.format(name=""), "was ''"),
        (GOOD.format(name=3), "with a letter, was 3 (int) (fake_seqgen_birds.py, li"),
        (GOOD.format(name=None), "with a letter, was None (NoneType)"),
        (
            GOOD.format(name="birds").replace('"Birds"', "b'Birds'"),
            "Domain.summary must be a str of one line, was b'Birds' (bytes)",
        ),
        (GOOD.format(name="birds").replace('"Birds"', '"a\\nb"'), "must be a str of one line, was"),
        (
            GOOD.format(name="birds").replace("seqgen.CharEncoder", "None"),
            "Domain.encoder must be callable, was None (NoneType); pass the function or class",
        ),
        (
            GOOD.format(name="birds").replace("CharEncoder", "CharEncoder()"),
            "Domain.encoder must be callable, was <seqgen.domains.symbol_encoder.CharEncoder",
        ),
        (
            GOOD.format(name="birds").replace("lambda source, options", "lambda"),
            "Domain.corpus must be callable with (source, options), takes ()",
        ),
        (with_field("guide=7"), "Domain.guide must be callable, was 7 (int)"),
        (
            with_field("guide=lambda encoder: None"),
            "Domain.guide must be callable with (encoder, options, condition), takes (encoder)",
        ),
        (with_field("condition='x'"), "Domain.condition must be callable, was 'x' (str)"),
        (with_field("augment=lambda x: x"), "Domain.augment must be callable with (item, rng)"),
        (with_field("text=None"), "Domain.text must be callable, was None"),
        (with_field("render=1"), "Domain.render must be callable, was 1"),
        (
            with_field("write=lambda x: x"),
            "Domain.write must be callable with (items, folder, receipts)",
        ),
        (
            with_field("write=lambda items, folder: []"),
            "Domain.write must be callable with (items, folder, receipts), takes (items, folder)",
        ),
        (with_field("keeps_receipts='no'"), "Domain.keeps_receipts must be a bool, was 'no' (str)"),
        (with_field("encoding_options=3"), "Domain.encoding_options must be a frozen dataclass"),
        (
            GOOD.format(name="birds").replace("seqgen.CharEncoder", "lambda: seqgen.CharEncoder()"),
            "Domain.encoder must be callable with (options), takes ()",
        ),
        (with_field("resolve=3"), "Domain.resolve must be callable, was 3 (int)"),
        (with_field("evaluation=3"), "Domain.evaluation must be a seqgen.Evaluation, was 3 (int)"),
        (
            with_evaluation("rank=lambda: []"),
            "Domain.evaluation.rank must be callable with (items), t",
        ),
        (
            with_evaluation("metrics={}"),
            "Domain.evaluation.metrics must be callable, was {} (dict)",
        ),
        (
            with_evaluation("score_card=3"),
            "Domain.evaluation.score_card must be callable, was 3 (int)",
        ),
        (with_evaluation("passages=3"), "Domain.evaluation.passages must be callable, was 3 (int)"),
        (with_field("model=3"), "Domain.model must be a Path, was 3 (int)"),
        (with_field("inspect=3"), "Domain.inspect must be callable, was 3 (int)"),
        (
            with_field("generation_options=dict"),
            "Domain.generation_options must be a frozen dataclass (the class itself), was <class ",
        ),
        (with_field("data_options=None"), "Domain.data_options must be a frozen dataclass"),
        (
            with_field("data_options=seqgen.NoOptions()"),
            "Domain.data_options must be a frozen dataclass (the class itself), was NoOptions()",
        ),
        (
            with_options("size: int = 3").replace("(frozen=True)", ""),
            "Domain.generation_options must be a frozen dataclass",
        ),
        (
            with_options("size: int"),
            "Domain.generation_options: Wishes.size must have a default, has none",
        ),
        (
            with_options("size: complex = 3j"),
            "Domain.generation_options: Wishes.size must be bool, int, float, str or Path",
        ),
        (
            with_options(
                "size: int = seqgen.setting(0, 'Size.', min=1)\n"
                "    def __post_init__(self): seqgen.check_settings(self)"
            ),
            "must have valid defaults; Wishes() raised SettingError: size must be >= 1, was 0",
        ),
        (
            with_field("suffixes='.txt'"),
            "Domain.suffixes must be a tuple of lower-case file name suffixes with their dot, "
            "was '.txt' (str)",
        ),
        (with_field("suffixes=('txt',)"), "Domain.suffixes must be a tuple"),
        (with_field("suffixes=('.TXT',)"), "Domain.suffixes must be a tuple"),
        (with_field("presets=['units']"), "Domain.presets must be a Mapping of settings by name"),
        (with_field("presets={1: 2}"), "Domain.presets must be a Mapping of settings by name"),
        (with_field("api='1'"), "Domain.api must be an int, was '1' (str)"),
        (with_field("api=True"), "Domain.api must be an int, was True (bool)"),
        (
            with_field("api=2"),
            "is written for plugin API 2, and this seqgen supports 1; install a newer seqgen",
        ),
        (
            with_field("api=0"),
            "plugin API 0, and this seqgen supports 1; install a newer version of",
        ),
        (
            with_field("api=2, guide=7"),
            "is written for plugin API 2",  # its other fields are not checked
        ),
        (
            with_field("guide=7, suffixes=3"),
            "was 3 (int); Domain.guide must be callable",  # all errors together
        ),
    ],
)
def test_the_error_names_the_plugin_and_the_cause(install: Install, code: str, words: str) -> None:
    install(code)
    message = refusal("birds")
    assert message.startswith(WHO) and words in message


def test_every_field_of_a_domain_is_checked() -> None:
    """Every field of Domain has a case above."""
    (marks,) = (m for m in test_the_error_names_the_plugin_and_the_cause.pytestmark)  # type: ignore[attr-defined]
    messages = " ".join(words for _, words in marks.args[1])
    for field in fields(Domain):
        assert f"Domain.{field.name} must" in messages or f"Domain.{field.name}:" in messages, (
            field.name
        )
