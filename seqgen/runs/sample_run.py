"""Samples of a trained model: the domain's guide and condition, novelty, and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Any, final

from seqgen.domains.domain import Domain
from seqgen.domains.guide import FreeGuide, Guide
from seqgen.errors import SeqgenError
from seqgen.evaluation.novelty import is_novel
from seqgen.generation.config import GenerateConfig
from seqgen.generation.generate import Generator
from seqgen.generation.sample import Sample
from seqgen.models.model_file import TrainedModel
from seqgen.runs.run_folder import write_json_lines

#: Without a limit of their own, items may be so many times as long as the longest learned one.
LENGTH_FACTOR = 4
#: With ``novel``, so many samples are drawn for each one asked for before giving up.
NOVEL_TRIES = 100


@final
@dataclass(frozen=True, slots=True)
class GeneratedItem:
    """A sample with what a person wants to know of it.

    Args:
        sample: The sample.
        text: The item as one line of text.
        novel: Whether it does not stand in the training data.
    """

    sample: Sample
    text: str
    novel: bool

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints for it."""
        return {
            "index": self.sample.index,
            "text": self.text,
            "logp": self.sample.logp,
            "logp_settings": self.sample.logp_settings,
            "masked": self.sample.masked,
            "finish_reason": self.sample.finish_reason,
            "novel": self.novel,
        }


@final
class SampleRun:
    """Generates items of a trained model for one prompt.

    Args:
        domain: The domain of the model.
        trained: The model.
        config: The settings; ``max_tokens`` None takes the default.
        options: An instance of the domain's ``prompt_options``.
        prompt: Text that every item begins with.

    Raises:
        SeqgenError: The prompt or the options cannot be satisfied.
    """

    def __init__(
        self,
        domain: Domain,
        trained: TrainedModel,
        config: GenerateConfig,
        options: Any,
        prompt: str = "",
    ) -> None:
        self._domain, self._hashes = domain, trained.training_hashes
        encoder = trained.encoder
        condition = domain.condition(options) if domain.condition else None
        guide = make_guide(domain, encoder, options, condition)
        if config.max_tokens is None and guide.max_tokens is None:
            longest = int(trained.manifest["data_card"]["longest"])
            config = replace(config, max_tokens=LENGTH_FACTOR * longest)
        tokens = encoder.prompt(prompt)
        self._batch_size = config.batch_size
        self._generator = Generator(trained.model, encoder, guide, config, condition, tokens)

    def items(self, indices: Sequence[int]) -> Iterator[GeneratedItem]:
        """The items of the given sample indices, in that order."""
        for sample in self._generator.samples(indices):
            novel = is_novel(sample.tokens, self._hashes)
            yield GeneratedItem(sample, self._domain.text(sample.item), novel)

    def novel_items(self, number: int) -> Iterator[GeneratedItem]:
        """The first ``number`` items, by index, that do not stand in the training data.

        Raises:
            SeqgenError: Hardly any sample is novel.
        """
        found, tries = 0, NOVEL_TRIES * number
        for start in count(0, self._batch_size):
            for item in self.items(range(start, start + self._batch_size)):
                if item.novel:
                    yield item
                    found += 1
                if found == number:
                    return
            if start + self._batch_size >= tries:
                raise SeqgenError(
                    f"only {found} of {start + self._batch_size} samples are not in the training "
                    f"data, {number} were asked for; raise --temperature or ask for fewer"
                )

    def first(self, number: int, novel: bool) -> Iterator[GeneratedItem]:
        """The first ``number`` items, all of them or only the novel ones."""
        return islice(self.novel_items(number) if novel else self.items(range(number)), number)


def make_guide(domain: Domain, encoder: Any, options: Any, condition: Any) -> Guide[Any]:
    """The domain's guide, or the one that allows everything."""
    if domain.guide is None:
        return FreeGuide(encoder.vocabulary.size)
    return domain.guide(encoder, options, condition)


def write_items(domain: Domain, items: Sequence[GeneratedItem], folder: Path) -> list[Path]:
    """``samples.jsonl`` and whatever files the domain writes; gives their paths."""
    files = [write_json_lines(folder / "samples.jsonl", [item.to_json() for item in items])]
    if domain.write is not None:
        files.extend(domain.write([item.sample.item for item in items], folder))
    return files
