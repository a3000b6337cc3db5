"""The condition of generation options, resolved first as the framework does."""

from __future__ import annotations

from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.encoding.solo_condition import SoloCondition
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.text_roll import describe_performance
from seqgen_jazz.prompting import resolve_options as resolve


def condition(options: GenerationOptions) -> SoloCondition:
    """The condition of options that may be unresolved."""
    return resolve.condition(resolve.resolve(options))


def notices(options: GenerationOptions) -> list[str]:
    """The lines above the piano roll in the terminal, for the soloist alone."""
    found = condition(options)
    labels = (found.title, found.tempo, found.instrument, found.performance)
    return describe_performance(Solo(found.chart, (), *labels))
