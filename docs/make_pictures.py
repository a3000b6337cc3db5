"""Makes docs/pictures/solo.png and band.png: a solo of a trained model, alone and with its band."""

from __future__ import annotations

import sys
from pathlib import Path

from seqgen_jazz.output.png import band_png, piano_roll_png

from seqgen.inference.target import open_model

PICTURES = Path(__file__).parent / "pictures"


def make(model: Path, index: int) -> None:
    """Draw sample ``index`` of a jazz model over the default chart."""
    opened = open_model(model)
    (item,) = opened.item_generator(opened.generation_config({})).items([index])
    solo = item.sample.item
    (PICTURES / "solo.png").write_bytes(piano_roll_png(solo, dpi=110))
    (PICTURES / "band.png").write_bytes(band_png(solo, first=4, dpi=100))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python docs/make_pictures.py MODEL INDEX (after: make run)")
    make(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write("wrote solo.png and band.png\n")
