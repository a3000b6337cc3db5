"""Town names with a maximum length: a domain with a flag and a guide."""

from dataclasses import dataclass
from pathlib import Path

import seqgen

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Options:
    longest: int = seqgen.setting(20, "Maximum number of letters.", min=1, max=100)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


def corpus(source: Path | None, options: seqgen.NoOptions) -> list[str]:
    return seqgen.read_items(source or HERE / "towns.txt")


def guide(encoder: seqgen.CharEncoder, options: Options, condition: None) -> seqgen.AutomatonGuide:
    return seqgen.length_guide(encoder.vocabulary, min_tokens=1, max_tokens=options.longest)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="towns-length",
        summary="Town names with a maximum length",
        corpus=corpus,
        encoder=seqgen.CharEncoder,
        generation_options=Options,
        guide=guide,
    )
