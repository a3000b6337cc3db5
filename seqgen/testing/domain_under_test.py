"""DomainUnderTest: a domain that is checked, with its items and its encoder computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import Field, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final, get_type_hints

from seqgen.domains.domain import Corpus, Domain, load_corpus, make_guide, resolve_options
from seqgen.domains.encoder import Encoded, Encoder
from seqgen.domains.guide import Guide
from seqgen.errors import PluginError, SeqgenError
from seqgen.guides.rule_guide import RuleGuide
from seqgen.registry.installed_plugins import LoadedDomain, load_domain
from seqgen.registry.load_plugin import find_faults
from seqgen.settings import allowed_types
from seqgen.testing.failures import FIX_LINE, CheckFailed, NotApplicable, report_errors
from seqgen.testing.random_walks import random_walks

#: Checks that do not test all items test this many, spread over the corpus.
SAMPLE_SIZE = 24
#: An untrained model is made from at most this many items.
MODEL_ITEMS = 100
#: Without a maximum length, walks have this many times the tokens of the longest sampled item.
LENGTH_FACTOR = 4
#: A text that no option expects.
UNKNOWN_TEXT = "☃"
#: A path that does not exist.
MISSING_PATH = Path("there-is-no-such-file.txt")
#: The functions of all checks by name, in their order; ``seqgen.testing.checks`` fills it.
CHECK_FUNCTIONS: dict[str, Callable[[DomainUnderTest], str]] = {}


@final
@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """Generation options, with the condition and the guide that the domain makes from them.

    Args:
        description: The options in words.
        options: The generation options.
        condition: The condition of every item.
        guide: The guide.
    """

    description: str
    options: Any
    condition: Any
    guide: Guide[Any]


@final
class DomainUnderTest:
    """A domain that is checked.

    A defect is reported by one check. The checks that depend on the broken property raise
    NotApplicable.

    Args:
        target: The domain's name, the path of its ``.py`` file, or the Domain itself. Checks that
            run the command line or another process need a name or a path.
    """

    def __init__(self, target: str | Path | Domain) -> None:
        self._object = target if isinstance(target, Domain) else None
        self._target = "" if isinstance(target, Domain) else str(target)
        self._encoding: Any = None
        self._failed: dict[str, bool] = {}
        self._running: list[str] = []
        #: Results of processes that several checks use.
        self.cache: dict[str, Any] = {}

    @property
    def target(self) -> str:
        """The domain on the command line.

        Raises:
            NotApplicable: It is an object, which another process cannot find.
        """
        if self._object is not None:
            raise NotApplicable("needs the domain's name or its .py file, not a Domain")
        self.loaded  # noqa: B018 - another check reports what cannot be loaded
        return self._target

    def run(self, check: Callable[[DomainUnderTest], str]) -> str:
        """Run the function of a check.

        Returns:
            What was tested.

        Raises:
            CheckFailed: The law is broken, or the domain raised an error that no other check
                reports.
            NotApplicable: There is nothing to test.
        """
        name = check.__name__.removeprefix("check_")
        self._running.append(name)
        self._failed[name] = False
        try:
            with report_errors("the domain", FIX_LINE):
                return check(self)
        except CheckFailed:
            self._failed[name] = True
            raise
        finally:
            self._running.pop()

    def fails(self, name: str) -> bool:
        """Return whether a check fails; False for a check after the running one.

        Only an earlier check excuses a later one, so two checks never excuse each other.
        """
        for earlier in CHECK_FUNCTIONS:
            if earlier in self._running[-1:]:
                return False
            if earlier == name:
                break
        if name not in self._failed:
            with suppress(NotApplicable, CheckFailed):
                self.run(CHECK_FUNCTIONS[name])
        return self._failed[name]

    @contextmanager
    def skip_if_fails(self, *checks: str) -> Iterator[None]:
        """Skip the running check if the block raises and one of these checks fails.

        If none of them fails, the error passes through, so that no defect is lost between two
        checks.

        Raises:
            NotApplicable: One of the checks fails.
        """
        try:
            yield
        except NotApplicable:
            raise
        except Exception as error:
            for name in checks:
                if self.fails(name):
                    raise NotApplicable(f"needs {name}, which fails") from error
            raise

    def load(self) -> LoadedDomain:
        """Load the domain.

        Raises:
            PluginError: It cannot be loaded, or is not a valid domain.
        """
        if self._object is None:
            return load_domain(self._target)
        faults = find_faults(self._object)
        if faults:
            raise PluginError("; ".join(faults))
        return LoadedDomain(self._object, "a Domain", "0")

    @cached_property
    def loaded(self) -> LoadedDomain:
        """The domain, with its origin."""
        with self.skip_if_fails("domain_fields"):
            return self.load()

    @property
    def domain(self) -> Domain:
        """The domain."""
        return self.loaded.domain

    @cached_property
    def corpus(self) -> Corpus[Any]:
        """The domain's own corpus."""
        with self.skip_if_fails("corpus"):
            return load_corpus(self.domain, None)

    @property
    def items(self) -> Sequence[Any]:
        """All items of the domain's own data."""
        return self.corpus.items

    def select_items(self, count: int) -> Sequence[Any]:
        """Return at most ``count`` items, spread over the corpus."""
        return self.items[:: max(1, len(self.items) // count)][:count]

    @cached_property
    def sample_items(self) -> Sequence[Any]:
        """A few items, spread over the corpus."""
        return self.select_items(SAMPLE_SIZE)

    @property
    def model_items(self) -> Sequence[Any]:
        """The items from which an untrained model is made."""
        return self.items if len(self.items) <= MODEL_ITEMS else self.sample_items

    def new_encoder(self) -> Encoder[Any]:
        """Return an encoder that is not fitted."""
        return self.domain.encoder(
            self.domain.encoding_options() if self._encoding is None else self._encoding
        )

    def with_encoding(self, encoding: Any) -> DomainUnderTest:
        """Return the same domain with other encoding options."""
        other = DomainUnderTest(self._object or self.target)
        other.loaded, other.corpus, other._encoding = self.loaded, self.corpus, encoding
        return other

    @cached_property
    def encoder(self) -> Encoder[Any]:
        """An encoder that is fitted to all items."""
        with self.skip_if_fails("fit"):
            return self.new_encoder().fit(self.items)

    def encode(self, item: Any) -> Encoded:
        """Return an item as tokens, with its context and its condition."""
        with self.skip_if_fails("round_trip"):
            return self.encoder.encode(item)

    @cached_property
    def max_walk(self) -> int:
        """The maximum number of tokens of a walk if the guide has no maximum."""
        lengths = (len(self.encode(item).tokens) for item in self.sample_items)
        return LENGTH_FACTOR * max(4, *lengths)

    def guided_items(self, items: Iterable[Any]) -> Iterator[tuple[Any, Encoded, Guide[Any]]]:
        """Return items, encoded, each with the guide of the default options and its condition.

        Raises:
            NotApplicable: The domain has no guide.
        """
        self.require_guide()
        guide: Guide[Any] | None = None
        for item in items:
            encoded = self.encode(item)
            if guide is None or self.domain.condition or encoded.condition is not None:
                options = self.default_options
                guide = make_guide(self.domain, self.encoder, options, encoded.condition)
            yield item, encoded, guide

    def require_guide(self) -> None:
        """Skip the running check if the domain has no guide."""
        if self.domain.guide is None:
            raise NotApplicable("the domain has no guide: every token is allowed")

    @cached_property
    def default_options(self) -> Any:
        """The default generation options."""
        with self.skip_if_fails("domain_fields"):
            return self.domain.generation_options()

    @cached_property
    def default_prompt(self) -> Prompt:
        """The condition and the guide of the default options."""
        with self.skip_if_fails("generation_options"):
            return self.make_prompt(self.default_options)

    def make_prompt(self, options: Any, description: str = "the default options") -> Prompt:
        """Return generation options with their condition and their guide.

        Raises:
            SeqgenError: The options are impossible.
        """
        options = resolve_options(self.domain, options)
        condition = self.domain.condition(options) if self.domain.condition else None
        guide = make_guide(self.domain, self.encoder, options, condition)
        if isinstance(guide, RuleGuide):
            guide.allowed(guide.start(1))  # raises if no item satisfies the rule
        return Prompt(description, options, condition, guide)

    def try_prompt(self, values: Mapping[str, Any]) -> Prompt | None:
        """Return the prompt of generation options; None if the domain refuses them.

        Raises:
            PluginError: The domain is wrong, not the options.
        """
        description = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        try:
            return self.make_prompt(replace(self.default_options, **values), description)
        except PluginError:
            raise
        except SeqgenError:
            return None

    def extreme_options(self) -> list[tuple[str, Any]]:
        """Return pairs of a generation option and one of its extreme values."""
        return list(extreme_values(self.domain.generation_options, self.sample_texts))

    def prompts(self) -> Iterator[Prompt]:
        """Return the default prompt, and one for each extreme value of an option."""
        yield self.default_prompt
        for name, value in self.extreme_options():
            with self.skip_if_fails("generation_options"):
                prompt = self.try_prompt({name: value})
            if prompt is not None:
                yield prompt

    @cached_property
    def sample_texts(self) -> tuple[str, ...]:
        """A letter and the beginning of a word of an item, as values of options."""
        try:
            text = str(self.domain.text(self.sample_items[0]))
        except Exception:
            return ()  # check_text reports it
        word = text.split()[0] if text.split() else text
        return tuple(dict.fromkeys(part for part in (word[:1], word[:3]) if part))

    @cached_property
    def generated_items(self) -> Sequence[Any]:
        """A few items of random allowed tokens under the default options."""
        prompt = self.default_prompt
        with self.skip_if_fails("decode_total"):
            walks = random_walks(prompt.guide, self.encoder.vocabulary, 6, self.max_walk)
            return [self.encoder.decode(walk.tokens, prompt.condition) for walk in walks]


def extreme_values(kind: type[Any], texts: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Return pairs of a field's name and an extreme value of its type.

    Args:
        kind: The option dataclass.
        texts: Values for the fields that are text.
    """
    hints = get_type_hints(kind)
    for item in fields(kind):
        for value in _extremes(item, allowed_types(hints[item.name]), texts):
            yield item.name, value


def values_out_of_bounds(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Return pairs of the name of a field with bounds or choices and a value outside of them."""
    for item in fields(kind):
        for sign, bound in item.metadata.get("bounds", {}).items():
            yield item.name, bound + {">=": -1, "<=": 1, ">": 0, "<": 0}[sign]
        if item.metadata.get("choices"):
            yield item.name, UNKNOWN_TEXT


def _extremes(item: Field[Any], types: tuple[type, ...], texts: tuple[str, ...]) -> list[Any]:
    if item.metadata.get("choices"):
        return list(item.metadata["choices"])
    if bool in types:
        return [True, False]
    if int in types or float in types:
        step, default = (1e-6, [1.0, 0.5]) if float in types else (1, [1, 0])
        offsets = {">=": 0, "<=": 0, ">": step, "<": -step}
        bounds = item.metadata.get("bounds", {})
        return sorted({bound + offsets[sign] for sign, bound in bounds.items()}) or default
    if str in types:
        return ["", *texts, UNKNOWN_TEXT]
    return [MISSING_PATH] if Path in types else []
