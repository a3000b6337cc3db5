"""Makes the solo of the home page: docs/pictures/solo.png and band.png, docs/audio/solo.mp3.

Run ``python docs/make_pictures.py``; it needs the extra ``docs``. The solo is the first of
``seqgen generate MODEL --takes 8 --best 1`` with the model that seqgen-jazz ships: the best of
eight in the ranking of the plugin.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import seqgen_jazz.plugin
from seqgen_jazz.output.piano_roll_png import band_png, piano_roll_png

import seqgen

HERE = Path(__file__).parent
TAKES = 8


def main() -> None:
    """Generate the solo, and write its pictures and its sound."""
    import soundfile

    model = seqgen.open_model(seqgen_jazz.plugin.MODEL)
    (best,) = model.generate(TAKES, best=1)
    solo = best.sample.item
    (HERE / "pictures" / "solo.png").write_bytes(piano_roll_png(solo, dpi=110))
    (HERE / "pictures" / "band.png").write_bytes(band_png(solo, first=4, dpi=100))
    wav = seqgen_jazz.plugin.render(solo)["audio/wav"]()
    assert isinstance(wav, bytes)
    sound, rate = soundfile.read(io.BytesIO(wav))
    audio = HERE / "audio" / "solo.mp3"
    audio.parent.mkdir(exist_ok=True)
    soundfile.write(audio, sound, rate, format="MP3")
    sys.stdout.write(f"sample {best.sample.index}, {len(sound) / rate:.1f} s, {audio.name}\n")


if __name__ == "__main__":
    main()
