"""seqgen: learn to generate sequences. A domain says how its items become tokens and back."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.deprecations import SeqgenDeprecation as SeqgenDeprecation
    from seqgen.domains.api import API_VERSION as API_VERSION
    from seqgen.domains.char_encoder import CharEncoder as CharEncoder
    from seqgen.domains.corpus import Corpus as Corpus
    from seqgen.domains.corpus import LeftOut as LeftOut
    from seqgen.domains.domain import Domain as Domain
    from seqgen.domains.domain import NoOptions as NoOptions
    from seqgen.domains.encoded import Encoded as Encoded
    from seqgen.domains.encoder import Encoder as Encoder
    from seqgen.domains.guide import FreeGuide as FreeGuide
    from seqgen.domains.guide import Guide as Guide
    from seqgen.domains.guide import RowGuide as RowGuide
    from seqgen.domains.hookspecs import hookimpl as hookimpl
    from seqgen.domains.inspection import Inspection as Inspection
    from seqgen.domains.passages import Passages as Passages
    from seqgen.domains.regex_encoder import RegexEncoder as RegexEncoder
    from seqgen.domains.score_card import ScoreCard as ScoreCard
    from seqgen.domains.score_card import ScoreRow as ScoreRow
    from seqgen.domains.symbol_encoder import SymbolEncoder as SymbolEncoder
    from seqgen.domains.vocabulary import Vocabulary as Vocabulary
    from seqgen.errors import DataError as DataError
    from seqgen.errors import SeqgenError as SeqgenError
    from seqgen.errors import SettingError as SettingError
    from seqgen.errors import UnknownSymbol as UnknownSymbol
    from seqgen.files import replacing as replacing
    from seqgen.files import write_file as write_file
    from seqgen.guides.accepts import accepts as accepts
    from seqgen.guides.automaton import Automaton as Automaton
    from seqgen.guides.automaton_guide import AutomatonGuide as AutomatonGuide
    from seqgen.guides.automaton_guide import length_guide as length_guide
    from seqgen.guides.conjunction import AllOf as AllOf
    from seqgen.guides.conjunction import conjunction as conjunction
    from seqgen.guides.forbidden_items import ForbiddenItems as ForbiddenItems
    from seqgen.guides.gather import gather as gather
    from seqgen.guides.regex import regex_automaton as regex_automaton
    from seqgen.guides.regex import regex_guide as regex_guide
    from seqgen.guides.regex import regex_literal as regex_literal
    from seqgen.guides.rule_guide import RuleGuide as RuleGuide
    from seqgen.programs import run_program as run_program
    from seqgen.reading import find_files as find_files
    from seqgen.reading import read_items as read_items
    from seqgen.reading import read_text as read_text
    from seqgen.runs.open_model import Model as Model
    from seqgen.runs.open_model import open_model as open_model
    from seqgen.settings import check_settings as check_settings
    from seqgen.settings import setting as setting

#: Public name -> the module that holds it. Resolved on first use, so that importing seqgen
#: loads neither numpy nor anything heavier (law 8, tests/test_lightness.py).
_HOMES = {
    "SeqgenDeprecation": "seqgen.deprecations",
    "API_VERSION": "seqgen.domains.api",
    "CharEncoder": "seqgen.domains.char_encoder",
    "Corpus": "seqgen.domains.corpus",
    "LeftOut": "seqgen.domains.corpus",
    "Domain": "seqgen.domains.domain",
    "NoOptions": "seqgen.domains.domain",
    "Encoded": "seqgen.domains.encoded",
    "Encoder": "seqgen.domains.encoder",
    "FreeGuide": "seqgen.domains.guide",
    "Guide": "seqgen.domains.guide",
    "RowGuide": "seqgen.domains.guide",
    "hookimpl": "seqgen.domains.hookspecs",
    "Inspection": "seqgen.domains.inspection",
    "Passages": "seqgen.domains.passages",
    "RegexEncoder": "seqgen.domains.regex_encoder",
    "ScoreCard": "seqgen.domains.score_card",
    "ScoreRow": "seqgen.domains.score_card",
    "SymbolEncoder": "seqgen.domains.symbol_encoder",
    "Vocabulary": "seqgen.domains.vocabulary",
    "DataError": "seqgen.errors",
    "SeqgenError": "seqgen.errors",
    "SettingError": "seqgen.errors",
    "UnknownSymbol": "seqgen.errors",
    "find_files": "seqgen.reading",
    "read_items": "seqgen.reading",
    "read_text": "seqgen.reading",
    "replacing": "seqgen.files",
    "write_file": "seqgen.files",
    "accepts": "seqgen.guides.accepts",
    "Automaton": "seqgen.guides.automaton",
    "AutomatonGuide": "seqgen.guides.automaton_guide",
    "length_guide": "seqgen.guides.automaton_guide",
    "AllOf": "seqgen.guides.conjunction",
    "conjunction": "seqgen.guides.conjunction",
    "ForbiddenItems": "seqgen.guides.forbidden_items",
    "gather": "seqgen.guides.gather",
    "regex_automaton": "seqgen.guides.regex",
    "regex_guide": "seqgen.guides.regex",
    "regex_literal": "seqgen.guides.regex",
    "RuleGuide": "seqgen.guides.rule_guide",
    "run_program": "seqgen.programs",
    "Model": "seqgen.runs.open_model",
    "open_model": "seqgen.runs.open_model",
    "check_settings": "seqgen.settings",
    "setting": "seqgen.settings",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("seqgen")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    deprecations = import_module("seqgen.deprecations")
    if name in deprecations.NAMES:
        new, entry = deprecations.NAMES[name]
        deprecations.warn(entry, depth=2)
        return getattr(import_module(_HOMES[new]), new)
    raise AttributeError(f"module 'seqgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*_HOMES, "__version__"]
