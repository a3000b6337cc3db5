"""Makes docs/pictures/report.png: the first part of a report, by a Chromium that is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURE = Path(__file__).parent / "pictures" / "report.png"
SIZE = "900,1020"


def make(report: Path) -> None:
    """Photograph the top of a report page."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    shot = [f"--window-size={SIZE}", f"--screenshot={PICTURE}", report.resolve().as_uri()]
    subprocess.run(["chromium", *flags, *shot], check=True, capture_output=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(
            "usage: python docs/make_report_picture.py REPORT.html (after: seqgen report)"
        )
    make(Path(sys.argv[1]))
    sys.stdout.write(f"wrote {PICTURE.name}\n")
