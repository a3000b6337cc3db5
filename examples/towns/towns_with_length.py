"""Town names of a wished length: a domain with a flag and a guide."""

from dataclasses import dataclass
from pathlib import Path

import seqgen

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Wishes:
    longest: int = seqgen.setting(20, "Most letters of a name.", min=1, max=100)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


def corpus(source: Path | None, options: seqgen.NoOptions) -> list[str]:
    return seqgen.read_items(source or HERE / "towns.txt")


def guide(encoder: seqgen.CharEncoder, wishes: Wishes, condition: None) -> seqgen.AutomatonGuide:
    return seqgen.length_guide(encoder.vocabulary, min_tokens=1, max_tokens=wishes.longest)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="towns-length",
        summary="Town names of a wished length",
        corpus=corpus,
        encoder=seqgen.CharEncoder,
        generation_options=Wishes,
        guide=guide,
    )
