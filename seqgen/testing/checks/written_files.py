"""Checks of files and flags: what write() writes, and the command line with every option."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from seqgen.errors import SeqgenError
from seqgen.settings import flag_name
from seqgen.testing.command_runner import run_command, write_untrained_model
from seqgen.testing.determinism_probe_child import ITEMS, OUT, RECEIPT
from seqgen.testing.determinism_probes import Probe, run_probes
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.failures import NotApplicable, format_value, report_errors, require

#: The checks that report other reasons for a command to fail.
EARLIER_CHECKS = (
    *("domain_fields", "corpus", "round_trip", "encoded_form", "json", "generation_options"),
    *("guide_form", "contexts", "decode_total", "text"),
)


def _run_write(domain: DomainUnderTest) -> tuple[tuple[Probe, ...], list[dict[str, Any]]]:
    """Return two probes, and the results of ``write`` in them: its paths, the paths outside."""
    if domain.domain.write is None:
        raise NotApplicable("the domain has no write()")
    probes = run_probes(domain)
    return probes, [probe.value(domain, "write") for probe in probes]


def check_write_paths(domain: DomainUnderTest) -> str:
    """write() returns the paths of files that exist in its folder, in the same order each time."""
    (probe, _), results = _run_write(domain)
    outside = {Path(path).name for path in results[0]["outside"]}  # reported by write_inside
    names, again = ([_within_folder(Path(path)) for path in each["paths"]] for each in results)
    for name in names:
        exists = name in probe.files or Path(name).name in outside
        change = "return the path of every file that was written, and no other"
        require(exists, f"write() returns {name!r}, which is no file", change)
    what = f"write() returns {len(names)} paths, {len(set(names))} of them different"
    require(0 < len(names) == len(set(names)), what, "return the path of each file once")
    what = "write() returns other paths, or another order, in another process"
    change = "return them in the order of the items, not in that of a set"
    require(names == again, what, change, names, again)
    return ", ".join(names[:3]) + " ..." * (len(names) > 3)


def _within_folder(path: Path) -> str:
    """Return the path within the folder, as in ``Probe.files``; the name of one outside of it."""
    parts = path.parts
    return "/".join(parts[parts.index(OUT) + 1 :]) if OUT in parts else path.name


def check_write_inside(domain: DomainUnderTest) -> str:
    """write() writes only into its folder: not next to it, in the home or in the current folder."""
    probes, results = _run_write(domain)
    outside = [format_value(Path(path).name) for result in results for path in result["outside"]]
    what = f"write() also writes {', '.join(outside[:1])}, which is not in its folder"
    change = "write with seqgen.write_file(folder / NAME, content), and write no cache"
    require(not outside, what, change)
    return f"{len(probes[0].files)} files"


def check_write_repeats(domain: DomainUnderTest) -> str:
    """Writing the same items twice, in two processes, gives the same bytes."""
    (one, other), _ = _run_write(domain)
    for name in sorted({*one.files, *other.files}):
        first, second = one.files.get(name, b""), other.files.get(name, b"")
        pairs = enumerate(zip(first, second, strict=False))
        at = next((place for place, (a, b) in pairs if a != b), min(len(first), len(second)))
        what = f"{name!r} has other bytes in the second process, from byte {at}"
        change = "write no time, no random number and nothing in the order of a set"
        require(first == second, what, change, first[at : at + 20], second[at : at + 20])
    return f"{sum(map(len, one.files.values())):,} bytes"


def check_write_receipts(domain: DomainUnderTest) -> str:
    """With keeps_receipts, a file contains each item's receipt unchanged."""
    (probe, _), _ = _run_write(domain)
    if not domain.domain.keeps_receipts:
        raise NotApplicable("the domain does not set keeps_receipts")
    count = min(ITEMS, len(domain.items))
    with domain.skip_if_fails("write_inside"):
        for receipt in (RECEIPT.format(place) for place in range(count)):
            found = any(receipt.encode() in content for content in probe.files.values())
            change = "write the line into a text or comment of the file, unchanged, uncompressed"
            require(found, "no file contains the receipt of an item", change, receipt)
    return f"{count} receipts in {len(probe.files)} files"


def check_prompt_flags(domain: DomainUnderTest) -> str:
    """Every flag works: exit code 0, or 1 with a SeqgenError, and never a traceback."""
    options, target = domain.extreme_options(), domain.target
    flags = [(), *((_format_flag(name, value),) for name, value in options)]
    with domain.skip_if_fails(*EARLIER_CHECKS), tempfile.TemporaryDirectory() as folder:
        args: list[object] = ["generate", write_untrained_model(domain, Path(folder))]
        args += ["--domain", target] if target.endswith(".py") else []
        for each in flags:
            _check_command([*args, "-n", 2, "--json"], each)
    return f"{len(options)} values"


def _format_flag(name: str, value: Any) -> str:
    flag = flag_name(name)
    if isinstance(value, bool):
        return flag if value else f"--no-{flag[2:]}"
    return f"{flag}={value}"


def _check_command(args: list[object], flags: tuple[str, ...]) -> None:
    command = " ".join(("seqgen generate MODEL", *flags))
    change = "raise a seqgen.SeqgenError that names the possible values"
    try:
        with report_errors(command, change):
            answer = run_command(*args, *flags)
    except AssertionError as failure:
        if isinstance(failure.__cause__, SeqgenError):
            return  # SEQGEN_RAISE is set
        raise
    message = (answer.err.strip().splitlines() or ["no message"])[-1]
    what = f"{command} ends with exit code {answer.code}: {message}"
    require(answer.code == 0 or (answer.code == 1 and bool(flags)), what, change)
