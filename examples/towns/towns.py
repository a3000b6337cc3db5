"""Town names: a minimal domain in one file. Run it with: seqgen run examples/towns/towns.py"""

from pathlib import Path

import seqgen

HERE = Path(__file__).parent


def corpus(source: Path | None, options: seqgen.NoOptions) -> list[str]:
    return seqgen.read_items(source or HERE / "towns.txt")


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="towns", summary="Town names", corpus=corpus, encoder=seqgen.CharEncoder
    )
