"""Domain: what a plugin registers, one frozen dataclass of functions; and the Corpus it loads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from seqgen.domains.guide import FreeGuide, Guide
from seqgen.errors import DataError

if TYPE_CHECKING:
    from random import Random

    from typing_extensions import TypeVar

    from seqgen.domains.encoder import Encoder
    from seqgen.domains.result_types import Inspection, Passages, ScoreCard

    # A type checker knows the defaults: Domain alone is Domain[Any, Any, Any].
    Item = TypeVar("Item", default=Any)
    Options = TypeVar("Options", default=Any)
    Condition = TypeVar("Condition", default=Any)
else:
    from typing import TypeVar

    Item, Options, Condition = map(TypeVar, ("Item", "Options", "Condition"))


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """Records that were skipped for one reason.

    Args:
        what: The record, or the first one and the number of others.
        why: The reason, and what to do.
        count: The number of records, at least 1.

    Raises:
        DataError: ``count`` is less than 1.
    """

    what: str
    why: str
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DataError(f"SkippedItem.count must be >= 1, was {self.count} for {self.what}")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Corpus(Generic[Item]):
    """The items that a domain loaded.

    Args:
        items: The items, in a stable order.
        skipped: The records that were not used, with the reasons.
        groups: The group of each item. Items of one group (takes of one tune) are on the same side
            of the split. Empty if every item is a group of its own.
        notes: Facts for the data card in their order ("rounded onsets": "3 %").
        licence: The licence of the data; empty if unknown.
        sources: The file of each item; empty if unknown.

    Raises:
        DataError: The number of groups or sources is neither 0 nor that of the items.
    """

    items: Sequence[Item]
    skipped: Sequence[SkippedItem] = ()
    groups: Sequence[str] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    sources: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("items", "skipped", "groups", "sources"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for what, names in (("groups", self.groups), ("sources", self.sources)):
            if names and len(names) != len(self.items):
                raise DataError(
                    f"a corpus of {len(self.items)} items must have as many {what} or none, was "
                    f"{len(names)}"
                )


#: The plugin API of this seqgen. It increases if a plugin that uses only public names would break.
API_VERSION = 1


@dataclass(frozen=True)
class NoOptions:
    """The options of a domain that has none."""


#: The default of ``Domain.generation_options``, of whatever type the domain declares.
_NO_OPTIONS: Any = NoOptions


@dataclass(frozen=True, kw_only=True)
class Evaluation(Generic[Item]):
    """How a domain evaluates its items. Every field is optional.

    Args:
        rank: ``rank(items)`` returns the indices of the items, best first; used by ``--best``.
        metrics: ``metrics(item)`` returns metrics by name, None where the item is too short
            for one. The report shows their means next to those of real items.
        passages: ``passages(item)`` returns the item as sequences of units in which copying is
            measured, the same kinds for every item; ``--max-copy`` counts the first kind. The
            default is the tokens.
        score_card: ``score_card(items)`` compares metrics of the items with those of real
            items; used by ``seqgen scorecard`` and the report.
    """

    rank: Callable[[Sequence[Item]], Sequence[int]] | None = None
    metrics: Callable[[Item], Mapping[str, float | None]] | None = None
    passages: Callable[[Item], Sequence[Passages]] | None = None
    score_card: Callable[[Sequence[Item]], ScoreCard] | None = None


@dataclass(frozen=True, kw_only=True)
class Domain(Generic[Item, Options, Condition]):
    """What a plugin gives the framework. Everything else is shared.

    Args:
        name: Lower-case letters, digits, ``-`` and ``_``, beginning with a letter; the same
            as the entry point's name.
        summary: One line that says what the items are; ``seqgen plugins --verbose`` shows it.
        corpus: ``corpus(source, options)`` loads the items from a path, or the data that the
            plugin ships if ``source`` is None. ``options`` is an instance of ``data_options``.
            Returns an iterable of items or a ``Corpus``.
        encoder: ``encoder(options)`` returns an encoder that is not fitted yet; usually the
            class itself. ``options`` is an instance of ``encoding_options``.
        data_options: A frozen dataclass; each field is a flag for reading data.
        encoding_options: A frozen dataclass; each field is a flag for the conversion of items
            to tokens.
        generation_options: A frozen dataclass; each field is a flag for generation.
        resolve: ``resolve(options)`` returns an instance of ``generation_options`` without open
            values and without file names: the contents of named files replace their names.
            Receipts store the result, so that an item can be generated again without other
            files. Resolving resolved options changes nothing.
        condition: ``condition(options)`` returns the condition of an entire item (a chord chart)
            from resolved options.
        guide: ``guide(encoder, options, condition)`` returns the guide for one condition. It
            must accept every item of the corpus under the default options and the condition of
            that item.
        augment: ``augment(item, rng)`` returns an equivalent item (another key); used for
            training items only.
        text: ``text(item)`` returns one line of text; printed by ``--json``.
        write: ``write(items, folder, receipts)`` writes finished items to files in ``folder``
            and returns their paths in a stable order. ``receipts`` holds one line of ASCII text
            for each item, empty for an item without a receipt.
        keeps_receipts: Whether ``write`` stores each of these lines unchanged in a file of its
            item; ``seqgen replay FILE`` reads it there.
        render: ``render(item)`` returns representations of an item by media type, each as a
            function that computes it. The terminal shows "text/plain" (default: ``text``); the
            report, notebooks and the page also use "text/html", "image/svg+xml", "image/png"
            and "audio/wav".
        evaluation: How items are ranked, measured and compared.
        presets: Default settings of this domain for the model, training and generation, by
            field name ("units": 128). They override the preset selected by corpus size; flags
            override them.
        suffixes: File name suffixes that this domain reads (".mid"), lower case, with the dot.
        inspect: ``inspect(path)`` returns an ``Inspection`` of data: details beyond the data
            card, and a recipe that a flag of ``data_options`` reads.
        model: A model file that the plugin ships, trained on the data that it ships; used by
            ``seqgen run NAME --generate`` until the user trains a model.
        api: The version of the plugin API that the plugin is written for (default 1). seqgen
            refuses an unsupported version before it checks any other field.
    """

    name: str
    summary: str
    corpus: Callable[[Path | None, Any], Iterable[Item] | Corpus[Item]]
    encoder: Callable[[Any], Encoder[Item]]
    # Options
    data_options: type[Any] = NoOptions
    encoding_options: type[Any] = NoOptions
    generation_options: type[Options] = _NO_OPTIONS
    # Generation
    resolve: Callable[[Options], Options] | None = None
    condition: Callable[[Options], Condition] | None = None
    guide: Callable[[Any, Options, Condition], Guide[Any]] | None = None
    augment: Callable[[Item, Random], Item] | None = None
    # Output
    text: Callable[[Item], str] = str
    write: Callable[[Sequence[Item], Path, Sequence[str]], Sequence[Path]] | None = None
    keeps_receipts: bool = False
    render: Callable[[Item], Mapping[str, Callable[[], str | bytes]]] | None = None
    # Evaluation
    evaluation: Evaluation[Item] = Evaluation()
    # Shipping
    presets: Mapping[str, Any] = field(default_factory=dict)
    suffixes: tuple[str, ...] = ()
    inspect: Callable[[Path], Inspection] | None = None
    model: Path | None = None
    api: int = 1


def resolve_options(domain: Domain, options: Any) -> Any:
    """Return the generation options without open values and file names, see ``Domain.resolve``."""
    return domain.resolve(options) if domain.resolve else options


def make_guide(domain: Domain, encoder: Any, options: Any, condition: Any) -> Guide[Any]:
    """Return the domain's guide, or one that allows every token."""
    if domain.guide is None:
        return FreeGuide(encoder.vocabulary.size)
    return domain.guide(encoder, options, condition)


def plain_text(domain: Domain, item: Any) -> str:
    """Return what the terminal shows of an item: "text/plain" of ``render``, or its ``text``."""
    rendered = domain.render(item) if domain.render else {}
    return str(rendered.get("text/plain", lambda: domain.text(item))())


def load_corpus(domain: Domain, source: Path | None, options: Any = None) -> Corpus[Any]:
    """Load the corpus of a domain from a path, or its own data.

    Args:
        domain: The domain.
        source: A file or folder; None for the data that the plugin ships.
        options: An instance of ``data_options``; None for the defaults.

    Raises:
        DataError: The path does not exist or contains no usable item.
    """
    from seqgen.io.run_folder import check_no_samples

    if source is not None and not source.exists():
        raise DataError(f"no data at {source}; give an existing file or folder to --data")
    if source is not None:
        check_no_samples(source)
    loaded: object = domain.corpus(source, domain.data_options() if options is None else options)
    if not isinstance(loaded, Iterable | Corpus):
        raise DataError(
            f"corpus() of domain {domain.name!r} must return a list of items or a seqgen.Corpus, "
            f"was {loaded!r}"
        )
    corpus = loaded if isinstance(loaded, Corpus) else Corpus(tuple(loaded))
    if not corpus.items:
        where = source or f"the data of domain {domain.name!r}"
        reasons = "; ".join(f"{entry.what}: {entry.why}" for entry in corpus.skipped[:3])
        raise DataError(f"{where} contains no usable item" + (f" ({reasons})" if reasons else ""))
    return corpus
