"""Inspection of music: for each file its tracks, meter, tempo, key, bars, chords, or why not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import seqgen
from seqgen_jazz.charts.key import estimate_key
from seqgen_jazz.corpus.read_folder import find_files, read_all
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import PITCH_NAMES
from seqgen_jazz.readers.melody_track import TrackRole, choose_melody, track_roles
from seqgen_jazz.readers.raw_tune import Answer, FileRead
from seqgen_jazz.readers.read_file import MIDI, WJAZZD
from seqgen_jazz.readers.recipe import FileChoice, recipe_text

#: A pattern of the reason -> what to do; the first that fits.
_REMEDIES: Final = tuple(
    (re.compile(pattern), remedy)
    for pattern, remedy in (
        (
            r"it has no chords",
            'write its changes into the recipe: chords = "Dm7 | G7 | Cmaj7 | %", or add chord '
            "symbols as markers",
        ),
        (
            r"no track is a line",
            "name the track with the solo in the recipe (melody = 2), or leave the file out",
        ),
        (r"it is the page of", "nothing: the MIDI file beside it is read"),
        (r"it has no notes|it is empty|0 tracks", "leave it out: there is nothing in it"),
        (r"cut short|damaged|run over the end", "export or download it again: bytes are missing"),
        (r"web page|does not begin with MThd|no zip|XML of another kind|no readable XML",
         "save the music itself under this name: this is another kind of file"),
        (r"format 2", "save each song as a file of its own"),
        (r"division|0 ticks a quarter", "export it with ticks a quarter note, not SMPTE time"),
        (r"meter of|which is no number of 32nd", "mend its time signatures in a notation program"),
        (r"notes; at least", "leave it out: a line this short teaches nothing"),
        (r"cannot read the chord", "write the chord as the message offers, in the file itself"),
        (r"more than .* seconds|process ended", "try it alone, or save it anew from its program"),
        (r"cannot be opened", "check the file's permissions"),
        (r"D\.C\.|repeats make", "write its repeats out"),
    )
)  # fmt: skip


def remedy(reason: str) -> str:
    """What to do about a reason for which something is left out."""
    for pattern, words in _REMEDIES:
        if pattern.search(reason):
            return words
    return "leave it out in the recipe (use = false), or mend the file"


_INFERRED: Final = "files with chords inferred from the accompaniment"
#: Counts that the lines of a solo tell already.
_TOLD: Final = ("solos", "bars", "notes", "onsets", _INFERRED)


def inspect_music(path: Path) -> seqgen.Inspection:
    """What is in a file or folder of music, and a recipe of it.

    Raises:
        DataError: There is nothing there that can be read.
    """
    if path.suffix.lower() == WJAZZD:
        return _database(path)
    files, _ = find_files(path)
    base = path if path.is_dir() else path.parent
    answers, _ = read_all(files, {})
    lines: list[str] = []
    facts: list[dict[str, Any]] = []
    recipe: list[tuple[str, FileChoice, str]] = []
    for file in files:
        name = file.relative_to(base).as_posix()
        told = _file_facts(file, answers[file])
        own = _file_lines(name, told)
        lines += own
        facts.append({"file": name, **told})
        usable = not isinstance(answers[file], str)
        melody = next((t["number"] for t in told["tracks"] if t["role"] == "solo"), 0)
        choice = FileChoice(use=usable, melody=melody if usable else 0)
        recipe.append((name, choice, "\n".join(line.strip() for line in own[1:])))
    used = sum(not isinstance(answer, str) for answer in answers.values())
    lines.append(f"{used} of {len(files)} files can be used")
    return seqgen.Inspection(tuple(lines), {"files": facts}, recipe_text(recipe))


def _file_facts(path: Path, answer: Answer) -> dict[str, Any]:
    tracks = [asdict(role) for role in _tracks(path)] if path.suffix.lower() in MIDI else []
    if isinstance(answer, str):
        left = [{"what": "", "why": answer, "fix": remedy(answer)}]
        return {"tracks": tracks, "solos": [], "skipped": left, "changed": {}}
    left = [{"what": what, "why": why, "fix": remedy(why)} for what, why in answer.skipped]
    changed = {name: count for name, count in answer.counts.items() if count and name not in _TOLD}
    solos = [_solo_facts(solo, answer) for solo in answer.solos]
    return {"tracks": tracks, "solos": solos, "skipped": left, "changed": changed}


def _tracks(path: Path) -> list[TrackRole]:
    """The roles of a MIDI file's tracks; none for a file that cannot be read at all."""
    from seqgen_jazz.readers.midi import load_midi, sounding_tracks

    try:
        score = load_midi(path)
        tracks = sounding_tracks(score)
        quarter = score.ticks_per_quarter
    except (seqgen.DataError, OSError):
        return []  # the reason is told as that of the whole file
    try:
        melody = choose_melody(tracks, quarter)
    except seqgen.DataError:
        melody = None
    return track_roles(tracks, quarter, melody)


def _solo_facts(solo: Solo, answer: FileRead) -> dict[str, Any]:
    chart = solo.chart
    sounding = sorted({chart.bar_at(note.onset) + 1 for note in solo.notes})
    meters = Counter(f"{bar.meter[0]}/{bar.meter[1]}" for bar in chart.bars)
    tonic, minor = estimate_key(chart)
    return {
        "title": solo.title,
        "meters": dict(meters.most_common()),
        "tempo": solo.tempo,
        "key": PITCH_NAMES[tonic] + ("m" if minor else ""),
        "bars": len(chart.bars),
        "bars_with_a_solo": _ranges(sounding),
        "notes": len(solo.notes),
        "chords": len({str(chord) for _, chord in chart.changes}),
        "chord_changes": len(chart.changes),
        "chords_from": "the accompaniment" if answer.counts[_INFERRED] else "chord symbols",
    }


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as ``1-4,7``."""
    parts = []
    for _, run in groupby(enumerate(numbers), lambda entry: entry[1] - entry[0]):
        inside = [number for _, number in run]
        parts.append(str(inside[0]) if len(inside) == 1 else f"{inside[0]}-{inside[-1]}")
    return ",".join(parts)


def _file_lines(name: str, told: dict[str, Any]) -> list[str]:
    lines = [name]
    for track in told["tracks"]:
        lines.append(
            f"  track {track['number']:<2} {track['role']:<9} {track['notes']:>5} notes, "
            f"{track['single']:.0%} single, pitches {track['low']}-{track['high']}, "
            f"{track['density']:.1f} a quarter, program {track['program']}"
            + (f", {track['name']!r}" if track["name"] else "")
        )
    for solo in told["solos"]:
        meters = ", ".join(
            meter if len(solo["meters"]) == 1 else f"{meter} in {count} bars"
            for meter, count in solo["meters"].items()
        )
        lines += [
            f"  solo     {solo['title']!r}: {solo['notes']} notes in bars "
            f"{solo['bars_with_a_solo']} of {solo['bars']}",
            f"           {meters}, {solo['tempo']:g} a minute, by its chords in {solo['key']}; "
            f"{solo['chord_changes']} changes of {solo['chords']} chords, from "
            f"{solo['chords_from']}",
        ]
    for what, count in told["changed"].items():
        lines.append(f"  note     {what}: {count}")
    for left in told["skipped"]:
        what = f"{left['what']}: " if left["what"] else ""
        lines += [f"  left out {what}{left['why']}", f"  fix      {left['fix']}"]
    return lines


def _database(path: Path) -> seqgen.Inspection:
    """The performers of a Weimar Jazz Database; its solos are chosen with ``where``."""
    from seqgen_jazz.readers.wjazzd import read_wjazzd

    found = read_wjazzd(path)
    counts = Counter(solo.title.partition(": ")[0] for solo in found.read.solos)
    lines = [f"{path.name}: {found.release}, {len(found.read.solos)} solos can be used"]
    lines += [f"  {count:>4} {performer}" for performer, count in sorted(counts.items())]
    lines.append("choose with --where \"performer='...'\" of run or train")
    return seqgen.Inspection(tuple(lines), {"performers": dict(sorted(counts.items()))})
