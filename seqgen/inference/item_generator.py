"""Samples of a trained model: the domain's guide and condition, what else is asked, and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.domain import Domain, make_guide, resolve_options
from seqgen.domains.guide import Guide
from seqgen.errors import PluginError, SeqgenError
from seqgen.evaluation.novelty import is_novel
from seqgen.generation.config import SEARCHES, GenerateConfig
from seqgen.generation.generator import Generator, OnToken, Sample, check_prompt, longest_item
from seqgen.inference.constraints import NOTHING, Demands, demanding_guide
from seqgen.inference.generated_items import GeneratedItem
from seqgen.inference.options_json import differ_from_defaults, options_to_json
from seqgen.models.model_file import TrainedModel
from seqgen.registry.validation import short

if TYPE_CHECKING:
    from seqgen.inference.copy_limit import CopyLimit
    from seqgen.inference.receipt import Origin
    from seqgen.inference.search_by_rank import Ranked

#: Without a limit of their own, items may be so many times as long as the longest learned one.
LENGTH_FACTOR = 4


@final
class SampleRun:
    """Generates items of a trained model for one prompt.

    Args:
        domain: The domain of the model.
        trained: The model.
        config: The settings; ``max_tokens`` None takes the default.
        options: An instance of the domain's ``generation_options``.
        prompt: Text that every item begins with.
        demands: What else is asked of every item.
        copies: The limit of ``max_copy``; None where there is none, or where items are wanted
            whatever they copy.
        origin: What receipts name as the model; None for items without receipts.
        on_token: Told of each token as it is chosen, (index, token id), one item after the
            other; the prompt is left out.

    Raises:
        SeqgenError: The prompt, the options or the demands cannot be satisfied.
    """

    def __init__(
        self,
        domain: Domain,
        trained: TrainedModel,
        config: GenerateConfig,
        options: Any,
        prompt: str = "",
        *,
        demands: Demands = NOTHING,
        copies: CopyLimit | None = None,
        origin: Origin | None = None,
        on_token: OnToken | None = None,
    ) -> None:
        self._domain, self._encoder, self._hashes = domain, trained.encoder, trained.training_hashes
        self._demands, self._copies, self._origin = demands, copies, origin
        settled = resolve_options(domain, options)
        #: The settings as they were asked for.
        self.config = config
        self._asked = (config, options_to_json(settled), prompt, demands.kept())
        #: The token ids that every item begins with.
        self.prompt = tuple(self._encoder.prompt(prompt))
        #: Whether more is asked than the domain's guide holds every item to.
        self.constrained = demands.constrain or differ_from_defaults(options)
        known = trained.training_items() if demands.novel else None
        #: Whether ``novel`` has to draw and throw away, as the model file holds no items.
        self.novel_by_drawing = demands.novel and known is None
        self._condition = domain.condition(settled) if domain.condition else None
        guide = make_guide(domain, self._encoder, settled, self._condition)
        _hold_guide(domain, guide)
        self._own_guide, self._model = guide, trained.model
        longest = LENGTH_FACTOR * int(trained.manifest["data_card"]["longest"])
        guide = demanding_guide(guide, demands, self._encoder.vocabulary, config, longest, known)
        if config.max_tokens is None and guide.max_tokens is None:
            config = replace(config, max_tokens=longest)
        config = config if on_token is None else replace(config, batch_size=1)
        self._batch_size, self._guide = config.batch_size, guide
        self._ranked: Ranked | None = None
        if config.sampler in SEARCHES:
            self._ranked = self._make_ranked(trained, config, on_token is not None)
        self._generator = self._ranked or self._make_generator(trained, config, on_token)

    def _make_ranked(self, trained: TrainedModel, config: GenerateConfig, streams: bool) -> Ranked:
        from seqgen.generation.beam_search import SEARCH_OF
        from seqgen.inference.search_by_rank import Ranked, check_searchable

        check_searchable(config.sampler, self._demands, self.novel_by_drawing, streams)
        parts = (trained.model, self._encoder, self._guide, config, self._condition, self.prompt)
        return Ranked(SEARCH_OF[config.sampler](*parts))

    def _make_generator(
        self, trained: TrainedModel, config: GenerateConfig, on_token: OnToken | None
    ) -> Generator:
        encoder, guide = self._encoder, self._guide
        if self.unbiased:
            from seqgen.inference.rejection_sampling import TokensOnly, Unmasked

            longest = longest_item(config, guide)
            check_prompt(guide, encoder.vocabulary, self.prompt, longest)
            # At its longest an item must still get the chance to end by itself.
            config = replace(config, max_tokens=longest + 1)
            # What is thrown away may be nothing that can be decoded.
            encoder, guide = TokensOnly(encoder), Unmasked(guide)
        condition = self._condition
        return Generator(
            trained.model, encoder, guide, config, condition, self.prompt, on_token=on_token
        )

    def items(self, indices: Sequence[int]) -> Iterator[GeneratedItem]:
        """The items of the given sample indices, in that order.

        Raises:
            SeqgenError: One of them is not as asked.
        """
        for sample, wrong in self._judged(indices):
            if wrong:
                raise SeqgenError(
                    f"sample {sample.index} is not as asked: {wrong}; give another index, or ask "
                    "for the first that are as asked, by their number"
                )
            yield self._item(sample)

    def first(self, number: int) -> Iterator[GeneratedItem]:
        """The first ``number`` items, by index, that are as asked; fewer only where a search
        finds that no more are possible.

        Raises:
            SeqgenError: Too few are among the draws that ``max_draws`` allows.
        """
        if self._ranked is not None:
            yield from map(self._item, self._ranked.first(number))
            return
        found, at, most = 0, 0, self._demands.max_draws * number
        while at < most:
            # Where nothing is thrown away no more is drawn than is asked for.
            size = self._batch_size if self.rejects else number - found
            indices = range(at, min(at + size, most))
            for sample, wrong in self._judged(indices):
                if not wrong:
                    yield self._item(sample)
                    found += 1
                if found == number:
                    return
            at = indices.stop
        raise SeqgenError(
            f"only {acceptance(found, most)}, and {number:,} were asked for; raise --max-draws "
            f"(it was {self._demands.max_draws} for each item), ask for less, {self._way_out}"
        )

    def pleasing(self, indices: Sequence[int]) -> int:
        """How many of the samples of these indices are as asked."""
        return sum(not wrong for _, wrong in self._judged(indices))

    @property
    def unbiased(self) -> bool:
        """Whether items are drawn without the guide."""
        return self._demands.unbiased

    @property
    def rejects(self) -> bool:
        """Whether items are drawn and thrown away."""
        return self.unbiased or self.novel_by_drawing or self._copies is not None

    @property
    def _way_out(self) -> str:
        if self.unbiased:
            return "or leave --unbiased out: the guide wastes no draw"
        if self._copies is not None:
            return "raise --max-copy, or raise --temperature"
        return "or raise --temperature"

    def _judged(self, indices: Sequence[int]) -> Iterator[tuple[Sample, str]]:
        """Samples, each with why it is not as asked; an empty text where it is."""
        for sample in self._generator.samples(indices):
            wrong = ""
            if self.unbiased and not self._pleases(sample):
                wrong = "it is not what the guide allows"
            elif self._demands.novel and not is_novel(sample.tokens, self._hashes):
                wrong = "it stands in the training data"
            elif self._copies is not None:
                wrong = self._copies.wrong(self._decoded(sample).item)
            yield sample, wrong

    def _pleases(self, sample: Sample) -> bool:
        from seqgen.inference.rejection_sampling import accepts

        ended = sample.finish_reason == "end"
        return ended and accepts(self._guide, sample.tokens, self._encoder.vocabulary.end)

    def _decoded(self, sample: Sample) -> Sample:
        """The sample with its item, which unguided draws have only once they please."""
        if not self.unbiased:
            return sample
        return replace(sample, item=self._encoder.decode(sample.tokens, self._condition))

    def _item(self, sample: Sample) -> GeneratedItem:
        sample = self._decoded(sample)
        receipt = None
        if self._origin is not None:
            from seqgen.inference.receipt import Receipt

            receipt = Receipt(self._origin, *self._asked, sample.index, sample.tokens)
        novel = is_novel(sample.tokens, self._hashes)
        rules: dict[str, int] = {}
        if self._own_guide.without and not self.unbiased:
            from seqgen.evaluation.guide_interventions import interventions

            own, vocabulary = self._own_guide, self._encoder.vocabulary
            rules = interventions(self._model, own, sample.tokens, vocabulary)
        return GeneratedItem(sample, self._domain.text(sample.item), novel, receipt, rules)


def acceptance(kept: int, drawn: int) -> str:
    """How many of the drawn items were kept, in words."""
    return f"{kept:,} of {drawn:,} drawn items were as asked ({100 * kept / drawn:.2f} %)"


def check_request(domain: Domain, encoder: Any, options: Any, prompt: str) -> None:
    """Hold what was asked for against the domain, without a model.

    Raises:
        SeqgenError: The condition, the guide or the prompt cannot be made of it.
    """
    options = resolve_options(domain, options)
    condition = domain.condition(options) if domain.condition else None
    _hold_guide(domain, make_guide(domain, encoder, options, condition))
    encoder.prompt(prompt)


def _hold_guide(domain: Domain, guide: object) -> None:
    if not isinstance(guide, Guide):
        raise PluginError(
            f"guide() of domain {domain.name!r} must give a seqgen.Guide, gave {short(guide)}"
        )
