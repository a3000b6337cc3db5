"""Subject: a domain under examination, with its items and its encoder, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar, final

from seqgen.domains.domain import Corpus, Domain
from seqgen.domains.encoder import Encoded, Encoder
from seqgen.domains.guide import Guide
from seqgen.errors import PluginError, SeqgenError
from seqgen.guides.rule_guide import RuleGuide
from seqgen.registry.loading import find_faults
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.testing.check import NotApplicable
from seqgen.testing.random_walks import Guided

T = TypeVar("T")
#: Where not all items are looked at, these many are, spread over the corpus.
SOME = 24
#: An untrained model is made of so many items at most.
MODEL_ITEMS = 100
#: Without a bound of their own, walks are so many times as long as the longest item looked at.
LENGTH_FACTOR = 4
#: What may be asked of a text option: a letter, and a word.
LETTERS = 3


@final
class Subject:
    """A domain under examination.

    Whatever is broken is reported by one check; the checks that would need it are told so
    by NotApplicable, so that one defect is one failure.

    Args:
        target: The domain's name, the path of its ``.py`` file, or the Domain itself. What
            runs the command line or another process needs a name or a path.
    """

    def __init__(self, target: str | Path | Domain) -> None:
        self._given = target if isinstance(target, Domain) else None
        self._target = None if isinstance(target, Domain) else str(target)
        #: What is dear to make and wanted by several checks.
        self.kept: dict[str, Any] = {}
        self._encoding: Any = None
        self._failed: dict[str, bool] = {}
        self._running: list[str] = []

    @property
    def target(self) -> str:
        """What the command line knows the domain by.

        Raises:
            NotApplicable: It was given as an object, which no other process can find.
        """
        if self._target is None:
            raise NotApplicable("needs the domain's name or its .py file; a Domain was given")
        self.loaded  # noqa: B018 - what cannot be loaded is told by another check
        return self._target

    def fails(self, name: str) -> bool:
        """Whether a check fails on this domain.

        No, where it stands after the check that asks: only an earlier check excuses a later
        one, so that two can never excuse each other.
        """
        from seqgen.testing.all_checks import CHECKS, check_named

        names = [check.name for check in CHECKS]
        if self._running and names.index(name) >= names.index(self._running[-1]):
            return False
        if name not in self._failed:
            self._failed[name] = check_named(name).outcome(self).status == "failed"
        return self._failed[name]

    @contextmanager
    def looking(self, name: str) -> Iterator[None]:
        """Know that a check is running."""
        self._running.append(name)
        try:
            yield
        finally:
            self._running.pop()

    def unless_broken(self, make: Callable[[], T], *checks: str) -> T:
        """What ``make`` gives.

        Args:
            make: What a check needs, and what it does not want to tell of.
            checks: The checks that tell what is wrong when ``make`` raises.

        Raises:
            NotApplicable: It raised, and one of these checks does fail. Where none of them
                does, the error passes through: nothing is lost between two checks.
        """
        try:
            return make()
        except NotApplicable:
            raise
        except Exception as error:
            for name in checks:
                if self.fails(name):
                    raise NotApplicable(f"needs what {name} finds broken") from error
            raise

    def load(self) -> LoadedDomain:
        """The domain, loaded now.

        Raises:
            PluginError: It cannot be loaded, or is not a valid domain.
        """
        if self._target is not None:
            return load_domain(self._target)
        assert self._given is not None
        faults = find_faults(self._given)
        if faults:
            raise PluginError("; ".join(faults))
        return LoadedDomain(self._given, "a Domain", "0")

    @cached_property
    def loaded(self) -> LoadedDomain:
        """The domain, with where it came from."""
        return self.unless_broken(self.load, "domain_fields")

    @property
    def domain(self) -> Domain:
        """The domain."""
        return self.loaded.domain

    def load_corpus(self, options: Any = None) -> Corpus[Any]:
        """The domain's own items, loaded now."""
        from seqgen.domains.domain import load_corpus

        return load_corpus(
            self.domain, None, self.domain.data_options() if options is None else options
        )

    @cached_property
    def corpus(self) -> Corpus[Any]:
        """The domain's own items, with what was said of them."""
        return self.unless_broken(self.load_corpus, "corpus")

    @property
    def items(self) -> Sequence[Any]:
        """All items of the domain's own data."""
        return self.corpus.items

    @cached_property
    def some(self) -> Sequence[Any]:
        """A few items, spread over all of them."""
        return self.items[:: max(1, len(self.items) // SOME)][:SOME]

    def fresh_encoder(self) -> Encoder[Any]:
        """An encoder that is not fitted yet."""
        return self.domain.encoder(
            self.domain.encoding_options() if self._encoding is None else self._encoding
        )

    def encoded_by(self, encoding: Any) -> Subject:
        """The same domain with other encoder options, an instance of ``encoding_options``."""
        other = Subject(self._given or self.target)
        other.loaded, other.corpus, other._encoding = self.loaded, self.corpus, encoding
        return other

    @cached_property
    def encoder(self) -> Encoder[Any]:
        """An encoder that is fitted to all items."""
        return self.unless_broken(lambda: self.fresh_encoder().fit(self.items), "fit")

    @cached_property
    def longest(self) -> int:
        """The most tokens of a walk that nothing else bounds."""
        return LENGTH_FACTOR * max(4, *(len(self.encode(item).tokens) for item in self.some))

    def encode(self, item: Any) -> Encoded:
        """An item as tokens, with its context and its condition."""
        return self.unless_broken(lambda: self.encoder.encode(item), "round_trip")

    @cached_property
    def defaults(self) -> Any:
        """The prompt options when nobody asks for anything."""
        return self.unless_broken(self.domain.generation_options, "domain_fields")

    def guide(self, options: Any, condition: Any) -> Guide[Any]:
        """The domain's guide, or the one that allows everything."""
        from seqgen.domains.domain import make_guide

        return make_guide(self.domain, self.encoder, options, condition)

    def guided(self, options: Any) -> Guided:
        """What the host makes of prompt options.

        Raises:
            SeqgenError: They cannot be met.
        """
        from seqgen.domains.domain import resolve_options

        options = resolve_options(self.domain, options)
        condition = self.domain.condition(options) if self.domain.condition else None
        guide = self.guide(options, condition)
        if isinstance(guide, RuleGuide):
            guide.allowed(guide.start(1))  # whether its rule has an end shows at the first step
        return Guided("", options, condition, guide)

    def guides_of_items(self, items: Iterable[Any]) -> Iterator[tuple[Any, Encoded, Guide[Any]]]:
        """Items, encoded, each with the guide of the default prompt and of its own condition.

        Raises:
            NotApplicable: The domain has no guide.
        """
        self.check_guide()
        unconditional = self.domain.condition is None
        shared: Guide[Any] | None = None
        for item in items:
            encoded = self.encode(item)
            if shared is None or not unconditional or encoded.condition is not None:
                shared = self.guide(self.defaults, encoded.condition)
            yield item, encoded, shared

    def check_guide(self) -> None:
        """Go on only where the domain has a guide.

        Raises:
            NotApplicable: It has none.
        """
        if self.domain.guide is None:
            raise NotApplicable("the domain has no guide, so everything is allowed")

    @cached_property
    def words(self) -> tuple[str, ...]:
        """A letter and a word of an item's text, to be asked for."""
        try:
            text = str(self.domain.text(self.some[0]))
        except Exception:
            return ()  # check_text tells of it
        word = text.split()[0] if text.split() else text
        return tuple(dict.fromkeys(part for part in (word[:1], word[:LETTERS]) if part))

    @cached_property
    def guided_defaults(self) -> Guided:
        """The guide and the condition of the default prompt."""
        guided = self.unless_broken(lambda: self.guided(self.defaults), "generation_options")
        return replace(guided, asked="the default prompt")

    def wishes(self) -> Iterator[Guided]:
        """What can be asked for: the default, and each prompt option at its extremes."""
        from seqgen.testing.option_values import extreme_values

        yield self.guided_defaults
        for name, value in extreme_values(self.domain.generation_options, self.words):
            guided = self.unless_broken(partial(self.met, {name: value}), "generation_options")
            if guided is not None:
                yield replace(guided, asked=f"{name} = {value!r}")

    def met(self, options: Mapping[str, Any]) -> Guided | None:
        """What the host makes of a wish; None where it is refused with a reason.

        Raises:
            PluginError: The domain is at fault, not the wish.
        """
        try:
            return self.guided(replace(self.defaults, **options))
        except PluginError:
            raise
        except SeqgenError:
            return None

    @cached_property
    def generated(self) -> Sequence[Any]:
        """A few items of random allowed tokens under the default prompt."""
        from seqgen.testing.random_walks import walks

        def make() -> Sequence[Any]:
            guided = self.guided_defaults
            made = walks(guided.guide, self.encoder.vocabulary, 6, self.longest)
            return [self.encoder.decode(each.tokens, guided.condition) for each in made]

        return self.unless_broken(make, "decode_total")


def few_items(subject: Subject) -> Sequence[Any]:
    """Items for an untrained model: all where they are few, else some."""
    return subject.items if len(subject.items) <= MODEL_ITEMS else subject.some
