"""ItemGenerator: the items of a model under a configuration, and the files of these items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.domain import Domain, make_guide
from seqgen.domains.encoder import is_novel
from seqgen.domains.guide import Guide, accepts
from seqgen.errors import PluginError, SeqgenError, SettingError
from seqgen.generation.components import find_sampler
from seqgen.generation.generator import Generator, OnToken, Sample, check_prompt, longest_item
from seqgen.generation.sampler import ItemSampler
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generated_items import GeneratedItem
from seqgen.inference.generation_config import Constraints, constrained_guide
from seqgen.models.model_file import TrainedModel
from seqgen.registry.load_plugin import shorten

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.inference.generation_config import GenerationConfig
    from seqgen.inference.receipt import Origin
    from seqgen.inference.training_items import CopyLimit


#: Default maximum length of an item, in lengths of the longest training item.
LENGTH_FACTOR = 4


@final
class ItemGenerator:
    """Generates items of a trained model.

    Args:
        domain: The domain of the model.
        trained: The model.
        config: What to generate.
        copy_limit: The limit of ``max_copy``; None without, or to generate items regardless.
        origin: The model for receipts; None for items without receipts.
        on_token: Called for each token when it is chosen, (index, token id), one item after the
            other, without the prompt.

    Raises:
        SeqgenError: The prompt, the options or the constraints cannot be satisfied.
    """

    def __init__(
        self,
        domain: Domain,
        trained: TrainedModel,
        config: GenerationConfig,
        *,
        copy_limit: CopyLimit | None = None,
        origin: Origin | None = None,
        on_token: OnToken | None = None,
    ) -> None:
        self._domain, self._encoder, self._hashes = domain, trained.encoder, trained.training_hashes
        self._copy_limit, self._origin, self._model = copy_limit, origin, trained.model
        self._constraints, self.config = config.constraints, config
        #: The token ids that every item begins with.
        self.prompt = tuple(self._encoder.prompt(config.prompt))
        known = trained.training_items() if self._constraints.novel else None
        #: Whether ``novel`` is ensured by rejection, as the model file stores hashes only.
        self.rejects_known = self._constraints.novel and known is None
        self._own_guide = build_guide(domain, self._encoder, config)
        sampling, longest = (
            config.sampling,
            LENGTH_FACTOR * int(trained.manifest["data_card"]["longest"]),
        )
        self._guide = constrained_guide(
            self._own_guide, self._constraints, self._encoder.vocabulary, sampling, longest, known
        )
        if sampling.max_tokens is None and self._guide.max_tokens is None:
            sampling = replace(sampling, max_tokens=longest)
        if on_token is not None:
            sampling = replace(sampling, batch_size=1)
        self._batch_size, self._search = sampling.batch_size, None
        if issubclass(find_sampler(sampling).value, ItemSampler):
            self._search = self._make_search(sampling, on_token is not None)
        self._generator = self._search or self._make_generator(sampling, on_token)

    def _make_search(self, sampling: SamplingConfig, streams: bool) -> RankedSearch:
        check_searchable(sampling.sampler, self._constraints, self.rejects_known, streams)
        parts = (self._model, self._encoder, self._guide, sampling, self.config.condition)
        search = find_sampler(sampling).value
        return RankedSearch(search(*parts, self.prompt, self.config.processors))

    def _make_generator(self, sampling: SamplingConfig, on_token: OnToken | None) -> Generator:
        encoder, guide = self._encoder, self._guide
        if self.unbiased:
            from seqgen.inference.rejection_sampling import TokensOnly, Unmasked

            longest = longest_item(sampling, guide)
            check_prompt(guide, encoder.vocabulary, self.prompt, longest)
            # An item of the maximum length needs one more step for its end token.
            sampling = replace(sampling, max_tokens=longest + 1)
            # Rejected tokens may not be decodable.
            encoder, guide = TokensOnly(encoder), Unmasked(guide)
        condition = self.config.condition
        return Generator(
            self._model,
            encoder,
            guide,
            sampling,
            condition,
            self.prompt,
            on_token=on_token,
            sampler=self.config.sampler,
            processors=self.config.processors,
        )

    def items(self, indices: Sequence[int]) -> Iterator[GeneratedItem]:
        """The items of the given sample indices, in that order.

        Raises:
            SeqgenError: One of them violates the constraints.
        """
        for sample, violation in self._samples(indices):
            if violation:
                raise SeqgenError(
                    f"sample {sample.index} violates the constraints: {violation}; choose another "
                    "index, or generate the first N that satisfy them with -n"
                )
            yield self._item(sample)

    def first(self, number: int, start: int = 0) -> Iterator[GeneratedItem]:
        """The first ``number`` items from index ``start`` on that satisfy the constraints; fewer
        only if a search finds that no more are possible.

        Raises:
            SeqgenError: Too few of the attempts that ``max_draws`` allows satisfy them.
        """
        if self._search is not None:
            yield from map(self._item, self._search.first(start + number)[start:])
            return
        found, at, most = 0, start, start + self._constraints.max_draws * number
        while at < most:
            # Without rejection, draw no more items than needed.
            size = self._batch_size if self.rejects else number - found
            indices = range(at, min(at + size, most))
            for sample, violation in self._samples(indices):
                if not violation:
                    yield self._item(sample)
                    found += 1
                if found == number:
                    return
            at = indices.stop
        raise SeqgenError(
            f"only {describe_acceptance(found, most - start)}, and {number:,} were requested; "
            f"raise --max-draws (was {self._constraints.max_draws} per item), request fewer, "
            f"{self._remedy}"
        )

    def count_accepted(self, indices: Sequence[int]) -> int:
        """How many of the samples of these indices satisfy the constraints."""
        return sum(not violation for _, violation in self._samples(indices))

    @property
    def unbiased(self) -> bool:
        """Whether items are sampled without the guide."""
        return self._constraints.unbiased

    @property
    def restricted(self) -> bool:
        """Whether options or constraints restrict items more than the domain does by default."""
        return self._constraints.extend_guide or self.config.restricted

    @property
    def rejects(self) -> bool:
        """Whether items are sampled and rejected."""
        return self.unbiased or self.rejects_known or self._copy_limit is not None

    @property
    def _remedy(self) -> str:
        if self.unbiased:
            return "or omit --unbiased: the guide rejects nothing"
        if self._copy_limit is not None:
            return "raise --max-copy, or raise --temperature"
        return "or raise --temperature"

    def _samples(self, indices: Sequence[int]) -> Iterator[tuple[Sample, str]]:
        """Samples, each with the constraint that it violates; empty for one that is accepted."""
        for sample in self._generator.samples(indices):
            violation = ""
            if self.unbiased and not self._allows(sample):
                violation = "the guide does not allow it"
            elif self._constraints.novel and not is_novel(sample.tokens, self._hashes):
                violation = "it is in the training data"
            elif self._copy_limit is not None:
                violation = self._copy_limit.violation(self._decoded(sample).item)
            yield sample, violation

    def _allows(self, sample: Sample) -> bool:
        ended = sample.finish_reason == "end"
        return ended and accepts(self._guide, sample.tokens, self._encoder.vocabulary.end)

    def _decoded(self, sample: Sample) -> Sample:
        """The sample with its item; without the guide it is decoded only once it is accepted."""
        if not self.unbiased:
            return sample
        return replace(sample, item=self._encoder.decode(sample.tokens, self.config.condition))

    def _item(self, sample: Sample) -> GeneratedItem:
        sample = self._decoded(sample)
        receipt = None
        if self._origin is not None:
            from seqgen.inference.receipt import Receipt

            receipt = Receipt.of(self._origin, self.config, sample)
        novel = is_novel(sample.tokens, self._hashes)
        rules: dict[str, int] = {}
        if self._own_guide.without and not self.unbiased:
            from seqgen.evaluation.guide_interventions import count_interventions

            own, vocabulary = self._own_guide, self._encoder.vocabulary
            rules = count_interventions(self._model, own, sample.tokens, vocabulary)
        return GeneratedItem(sample, self._domain.text(sample.item), novel, receipt, rules)


@final
class RankedSearch:
    """Numbers the items of a search by rank, as the generation loop numbers its samples.

    Args:
        search: The search. Its items do not depend on how many are requested.
    """

    def __init__(self, search: ItemSampler) -> None:
        self._search = search

    def samples(self, indices: Sequence[int]) -> Iterator[Sample]:
        """The samples of the given indices, in that order.

        Raises:
            SeqgenError: There is no item of that rank.
        """
        found = self._search.samples(max(indices, default=-1) + 1)
        for index in indices:
            if index >= len(found):
                raise SeqgenError(
                    f"there is no sample {index}: the search finds {len(found):,} different "
                    f"items, so the last one is {len(found) - 1}"
                )
            yield found[index]

    def first(self, number: int) -> list[Sample]:
        """The first ``number`` samples; fewer if no more are possible."""
        return self._search.samples(number)


def check_searchable(
    sampler: str, constraints: Constraints, rejects_known: bool, streams: bool
) -> None:
    """Refuse what a search cannot do.

    Args:
        sampler: The search's name.
        constraints: The constraints.
        rejects_known: Whether items of the training data would have to be rejected.
        streams: Whether tokens are shown when they are chosen.

    Raises:
        SettingError: A search cannot do one of these.
    """
    rejecting = {"unbiased": constraints.unbiased, "max-copy": constraints.max_copy is not None}
    for flag, active in rejecting.items():
        if active:
            raise SettingError(
                f"--{flag} rejects single items, and the {sampler} sampler finds all items "
                "together under the guide: omit one of them"
            )
    if rejects_known:
        raise SettingError(
            "this model file does not store its training items, so --novel has to reject known "
            f"items, which the {sampler} sampler cannot do: use another sampler"
        )
    if streams:
        raise SettingError(
            f"--stream shows each token when it is chosen, and the {sampler} sampler knows its "
            "items only after the search: omit one of them"
        )


def describe_acceptance(accepted: int, drawn: int) -> str:
    """How many of the sampled items were accepted, in words."""
    share = 100 * accepted / drawn
    return f"{accepted:,} of {drawn:,} items satisfied the constraints ({share:.2f} %)"


def build_guide(domain: Domain, encoder: Any, config: GenerationConfig) -> Guide[Any]:
    """The domain's guide for a configuration.

    Raises:
        SeqgenError: The domain cannot build it.
    """
    guide: object = make_guide(domain, encoder, config.options, config.condition)
    if not isinstance(guide, Guide):
        raise PluginError(
            f"guide() of domain {domain.name!r} must return a seqgen.Guide, was {shorten(guide)}"
        )
    return guide
