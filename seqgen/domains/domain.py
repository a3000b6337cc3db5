"""Domain: what a plugin registers, one frozen dataclass of functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgen.domains.guide import FreeGuide, Guide

if TYPE_CHECKING:
    from random import Random

    from seqgen.domains.corpus import Corpus
    from seqgen.domains.encoder import Encoder
    from seqgen.domains.guide import Guide
    from seqgen.domains.hook_results import Inspection, Passages, ScoreCard


def settle(domain: Domain, options: Any) -> Any:
    """The prompt options with nothing left open, see ``Domain.settle``."""
    return domain.settle(options) if domain.settle else options


def make_guide(domain: Domain, encoder: Any, options: Any, condition: Any) -> Guide[Any]:
    """The domain's guide, or the one that allows everything."""
    if domain.guide is None:
        return FreeGuide(encoder.vocabulary.size)
    return domain.guide(encoder, options, condition)


@dataclass(frozen=True)
class NoOptions:
    """The options of a domain that asks for nothing."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """What a plugin gives the framework. Everything else is shared.

    Args:
        name: Lower-case letters, digits, ``-`` and ``_``, beginning with a letter; the same
            as the entry point's name.
        summary: One line for ``seqgen plugins`` and the data card.
        corpus: ``corpus(source)`` loads the items: from a path the user gave, or, when
            ``source`` is None, the data that the plugin ships. It returns an iterable of
            items or a ``Corpus``. With ``data_options`` it is called with a second argument,
            an instance of that class.
        encoder: Makes an encoder that is not fitted yet; most often the class itself.
        data_options: A frozen dataclass; each field is a flag that says how to read data.
        encoder_options: A frozen dataclass; each field is a flag that says how items become
            tokens. ``encoder`` is then called with an instance of it, or with nothing for the
            defaults.
        prompt_options: A frozen dataclass; each field is a flag that says what to generate.
        settle: ``settle(prompt)`` gives an instance of ``prompt_options`` that leaves nothing
            open and names no file: what it named is put into it. Receipts hold the result, so
            that no other file is needed to make an item again. Settling twice changes nothing.
        condition: ``condition(prompt)`` gives what a whole item is given (a chord chart) from
            an instance of ``prompt_options``.
        guide: ``guide(encoder, prompt, condition)`` gives the guide of one condition. It must
            accept every item of the corpus under the default prompt and that item's condition.
        augment: ``augment(item, rng)`` gives an equally good item (another key); used for
            training items only.
        text: One line of text for an item; what ``--json`` prints.
        preview: What a person sees in the terminal; ``text`` when not given.
        write: ``write(items, folder)`` writes finished items to files and gives their paths,
            in a stable order. It may write only into ``folder``. With ``keeps_receipts`` it is
            called with a third argument, a line of ASCII text for each item.
        keeps_receipts: Whether ``write`` puts these lines, each as it is, into the files of its
            item (``seqgen replay FILE`` finds it there); an item without receipt has "".
        rank: ``rank(items)`` gives the places of the items, the best one first; what
            ``--best`` keeps the first of.
        describe: ``describe(item)`` gives the domain's own figures of an item by name, None where
            it is too short for one; the report shows their means beside those of real items.
        inspect: ``inspect(path)`` gives an ``Inspection`` of data: what is in it beyond the data
            card, and a recipe that a flag of ``data_options`` reads.
        score_card: ``score_card(items)`` judges items, figure by figure beside real ones;
            what ``seqgen scorecard`` and the report show.
        passages: ``passages(item)`` gives the item as rows of units in which copying shows, the
            same kinds for every item; the first kind is what ``--max-copy`` counts. Its tokens
            when not given.
        presets: Default settings of this domain for the model, training and generation,
            by field name ("units": 128). They win over the preset that the size of the corpus
            gives, and the user's flags win over them.
        suffixes: File name endings this domain reads (".mid"), lower case, with the dot.
        api: The version of the plugin API that the plugin is written for. Left out, it is 1, the
            first. seqgen refuses a version that it does not speak, before it looks at the rest.
        model: A model file that the plugin ships, trained on the data that it ships: what
            ``seqgen run NAME --generate`` uses until there is a model of the user's own.
    """

    name: str
    summary: str
    corpus: Callable[..., Iterable[Any] | Corpus[Any]]
    encoder: Callable[..., Encoder[Any]]
    data_options: type[Any] = NoOptions
    encoder_options: type[Any] = NoOptions
    prompt_options: type[Any] = NoOptions
    settle: Callable[[Any], Any] | None = None
    condition: Callable[[Any], Any] | None = None
    guide: Callable[[Any, Any, Any], Guide[Any]] | None = None
    augment: Callable[[Any, Random], Any] | None = None
    text: Callable[[Any], str] = str
    preview: Callable[[Any], str] | None = None
    write: Callable[..., Sequence[Path]] | None = None
    keeps_receipts: bool = False
    rank: Callable[[Sequence[Any]], Sequence[int]] | None = None
    describe: Callable[[Any], Mapping[str, float | None]] | None = None
    inspect: Callable[[Path], Inspection] | None = None
    score_card: Callable[[Sequence[Any]], ScoreCard] | None = None
    passages: Callable[[Any], Sequence[Passages]] | None = None
    presets: Mapping[str, Any] = field(default_factory=dict)
    suffixes: tuple[str, ...] = ()
    api: int = 1
    model: Path | None = None
