"""Ranked: a search that is asked for sample indices, as the generation loop is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from seqgen.errors import SeqgenError, SettingError
from seqgen.generation.generator import Sample
from seqgen.generation.search import Search
from seqgen.inference.constraints import Demands


@final
class Ranked:
    """Gives the samples of a search by their index, which is their rank.

    Args:
        search: The search. Its items do not depend on how many are asked for.
    """

    def __init__(self, search: Search) -> None:
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
        """The first ``number`` samples; fewer when no more are possible."""
        return self._search.samples(number)


def check_searchable(sampler: str, demands: Demands, throws_away: bool, streams: bool) -> None:
    """Hold what is asked for against what a search can do.

    Args:
        sampler: The search's name.
        demands: What is asked of every item.
        throws_away: Known items were to be drawn and thrown away.
        streams: Tokens were to be shown as they come.

    Raises:
        SettingError: A search cannot do one of these.
    """
    for flag, given in (("unbiased", demands.unbiased), ("max-copy", demands.max_copy is not None)):
        if given:
            raise SettingError(
                f"--{flag} draws items one by one and throws some away, and the {sampler} sampler "
                "finds them together under the guide: leave out one of them"
            )
    if throws_away:
        raise SettingError(
            "this model file does not hold its training items, so --novel has to draw items and "
            f"throw the known ones away, which the {sampler} sampler cannot do: use another sampler"
        )
    if streams:
        raise SettingError(
            f"--stream shows each token as it is chosen, and the {sampler} sampler knows its items "
            "only when the search is over: leave out one of them"
        )
