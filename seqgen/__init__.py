"""seqgen: learn to generate sequences. A domain defines how its items become tokens and back."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.api.items import Items as Items
    from seqgen.api.metrics import Metrics as Metrics
    from seqgen.api.model import Model as Model
    from seqgen.api.model import load as load
    from seqgen.api.model import open_model as open_model
    from seqgen.api.train import domain as domain
    from seqgen.api.train import train as train
    from seqgen.domains.corpus_from_records import gather as gather
    from seqgen.domains.domain import API_VERSION as API_VERSION
    from seqgen.domains.domain import Corpus as Corpus
    from seqgen.domains.domain import Domain as Domain
    from seqgen.domains.domain import Evaluation as Evaluation
    from seqgen.domains.domain import NoOptions as NoOptions
    from seqgen.domains.domain import SkippedItem as SkippedItem
    from seqgen.domains.encoder import Encoded as Encoded
    from seqgen.domains.encoder import Encoder as Encoder
    from seqgen.domains.encoder import Vocabulary as Vocabulary
    from seqgen.domains.guide import FreeGuide as FreeGuide
    from seqgen.domains.guide import Guide as Guide
    from seqgen.domains.guide import RowGuide as RowGuide
    from seqgen.domains.guide import accepts as accepts
    from seqgen.domains.result_types import Inspection as Inspection
    from seqgen.domains.result_types import Passages as Passages
    from seqgen.domains.result_types import ScoreCard as ScoreCard
    from seqgen.domains.result_types import ScoreRow as ScoreRow
    from seqgen.domains.symbol_encoder import CharEncoder as CharEncoder
    from seqgen.domains.symbol_encoder import RegexEncoder as RegexEncoder
    from seqgen.domains.symbol_encoder import SymbolEncoder as SymbolEncoder
    from seqgen.errors import DataError as DataError
    from seqgen.errors import SeqgenError as SeqgenError
    from seqgen.errors import SettingError as SettingError
    from seqgen.errors import UnknownSymbol as UnknownSymbol
    from seqgen.generation.logits_processor import ArrayProcessor as ArrayProcessor
    from seqgen.generation.logits_processor import LogitsProcessor as LogitsProcessor
    from seqgen.generation.logits_processor import Stage as Stage
    from seqgen.generation.logits_processor import StatelessProcessor as StatelessProcessor
    from seqgen.generation.sampler import Sampler as Sampler
    from seqgen.generation.sampler import inverse_cdf as inverse_cdf
    from seqgen.guides.automaton import Automaton as Automaton
    from seqgen.guides.automaton_guide import AutomatonGuide as AutomatonGuide
    from seqgen.guides.automaton_guide import length_guide as length_guide
    from seqgen.guides.conjunction import AllOf as AllOf
    from seqgen.guides.conjunction import conjunction as conjunction
    from seqgen.guides.forbidden_items import ForbiddenItems as ForbiddenItems
    from seqgen.guides.regex import regex_automaton as regex_automaton
    from seqgen.guides.regex import regex_guide as regex_guide
    from seqgen.guides.regex import regex_literal as regex_literal
    from seqgen.guides.rule_guide import RuleGuide as RuleGuide
    from seqgen.inference.generated_items import GeneratedItem as GeneratedItem
    from seqgen.io.atomic_files import replacing as replacing
    from seqgen.io.atomic_files import write_file as write_file
    from seqgen.io.read_data import find_files as find_files
    from seqgen.io.read_data import read_items as read_items
    from seqgen.io.read_data import read_text as read_text
    from seqgen.io.run_program import run_program as run_program
    from seqgen.models.cells.cell import Cell as Cell
    from seqgen.models.sequence_model import ModelShape as ModelShape
    from seqgen.models.sequence_model import SequenceModel as SequenceModel
    from seqgen.models.sequence_model import Stepper as Stepper
    from seqgen.models.share_weight_rnn import ModelConfig as ModelConfig
    from seqgen.models.share_weight_rnn import ShareWeightRNN as ShareWeightRNN
    from seqgen.registry.hookspecs import hookimpl as hookimpl
    from seqgen.settings import check_settings as check_settings
    from seqgen.settings import setting as setting

    __version__: str

#: The public names of each module, which is imported when one of them is used first: so ``import
#: seqgen`` loads neither NumPy nor anything heavier (law 8, tests/test_lightness.py).
_MODULES = {
    "seqgen.api.items": "Items",
    "seqgen.api.metrics": "Metrics",
    "seqgen.api.model": "Model load open_model",
    "seqgen.api.train": "domain train",
    "seqgen.domains.domain": "API_VERSION Corpus Domain Evaluation NoOptions SkippedItem",
    "seqgen.domains.encoder": "Encoded Encoder Vocabulary",
    "seqgen.domains.guide": "FreeGuide Guide RowGuide accepts",
    "seqgen.domains.result_types": "Inspection Passages ScoreCard ScoreRow",
    "seqgen.domains.symbol_encoder": "CharEncoder RegexEncoder SymbolEncoder",
    "seqgen.errors": "DataError SeqgenError SettingError UnknownSymbol",
    "seqgen.generation.logits_processor": "ArrayProcessor LogitsProcessor Stage StatelessProcessor",
    "seqgen.generation.sampler": "Sampler inverse_cdf",
    "seqgen.guides.automaton": "Automaton",
    "seqgen.guides.automaton_guide": "AutomatonGuide length_guide",
    "seqgen.guides.conjunction": "AllOf conjunction",
    "seqgen.domains.corpus_from_records": "gather",
    "seqgen.guides.forbidden_items": "ForbiddenItems",
    "seqgen.guides.regex": "regex_automaton regex_guide regex_literal",
    "seqgen.guides.rule_guide": "RuleGuide",
    "seqgen.inference.generated_items": "GeneratedItem",
    "seqgen.io.atomic_files": "replacing write_file",
    "seqgen.io.run_program": "run_program",
    "seqgen.io.read_data": "find_files read_items read_text",
    "seqgen.models.cells.cell": "Cell",
    "seqgen.models.sequence_model": "ModelShape SequenceModel Stepper",
    "seqgen.models.share_weight_rnn": "ModelConfig ShareWeightRNN",
    "seqgen.registry.hookspecs": "hookimpl",
    "seqgen.settings": "check_settings setting",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = list(_HOMES)

# Type checkers do not see this function: it would make any name valid.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version("seqgen")
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'seqgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*_HOMES, "__version__"]
