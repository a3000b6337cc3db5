"""Makes docs/pictures/report.png: a screenshot of the first part of a report, by Chromium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURE = Path(__file__).parent / "pictures" / "report.png"
SIZE = "900,1020"


def take_screenshot(report: Path) -> None:
    """Write a screenshot of the top of a report."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    options = [f"--window-size={SIZE}", f"--screenshot={PICTURE}", report.resolve().as_uri()]
    subprocess.run(["chromium", *flags, *options], check=True, capture_output=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(
            "usage: python docs/make_report_picture.py REPORT.html (after: seqgen report)"
        )
    take_screenshot(Path(sys.argv[1]))
    sys.stdout.write(f"wrote {PICTURE.name}\n")
