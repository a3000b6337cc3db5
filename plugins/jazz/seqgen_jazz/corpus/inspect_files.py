"""Inspect music: tracks, meter, tempo, key, bars and chords of each file, or why it is skipped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import seqgen
from seqgen_jazz.charts.chart import estimate_key
from seqgen_jazz.corpus.read_folder import find_files, read_all
from seqgen_jazz.corpus.recipe_file import recipe_text
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import PITCH_NAMES
from seqgen_jazz.readers.choose_melody import MIN_SINGLE, track_candidate
from seqgen_jazz.readers.raw_tune import MIN_NOTES, Count, FileChoice, FileRead
from seqgen_jazz.readers.read_file import MIDI, WJAZZD

_BASS: Final = re.compile(r"bass(?!oon)", re.I)
#: Counts that the lines of a solo contain already.
_IN_SOLO: Final = (Count.SOLOS, Count.BARS, Count.NOTES, Count.ONSETS, Count.INFERRED_CHORDS)


def inspect_music(path: Path) -> seqgen.Inspection:
    """The contents of a file or folder of music, and a recipe for it.

    Raises:
        DataError: There is nothing that can be read.
    """
    if path.suffix.lower() == WJAZZD:
        return _inspect_database(path)
    files, _ = find_files(path)
    base = path if path.is_dir() else path.parent
    reads, _ = read_all(files, {})
    lines: list[str] = []
    facts: list[dict[str, Any]] = []
    recipe: list[tuple[str, FileChoice, str]] = []
    for file in files:
        name = file.relative_to(base).as_posix()
        entry = _file_facts(file, reads[file])
        entry_lines = _file_lines(entry)
        lines += [name, *entry_lines]
        facts.append({"file": name, **entry})
        usable = bool(reads[file].solos)
        melody = next((t["number"] for t in entry["tracks"] if t["role"] == "solo"), 0)
        choice = FileChoice(use=usable, melody=melody if usable else 0)
        recipe.append((name, choice, "\n".join(line.strip() for line in entry_lines)))
    used = sum(bool(read.solos) for read in reads.values())
    lines.append(f"{used} of {len(files)} files can be used")
    return seqgen.Inspection(tuple(lines), {"files": facts}, recipe_text(recipe))


def _file_facts(path: Path, read: FileRead) -> dict[str, Any]:
    return {
        "tracks": _track_facts(path) if path.suffix.lower() in MIDI else [],
        "solos": [_solo_facts(solo, read) for solo in read.solos],
        "skipped": [
            {"what": label, "why": message, "reason": reason.name.lower(), "fix": reason.value}
            for label, message, reason in read.skipped
        ],
        "changed": {
            count.value: read.counts[count]
            for count in Count
            if count not in _IN_SOLO and read.counts[count] and read.solos
        },
    }


def _track_facts(path: Path) -> list[dict[str, Any]]:
    """The tracks with notes of a MIDI file; none for a file that cannot be read at all."""
    from seqgen_jazz.readers.midi import find_melody, load_midi, sounding_tracks

    try:
        score = load_midi(path)
    except (seqgen.DataError, OSError):
        return []  # its reason is that of the entire file
    tracks, quarter = sounding_tracks(score), score.ticks_per_quarter
    melody = find_melody(tracks, quarter)
    return [_role(track, number, quarter, melody) for number, track in enumerate(tracks, start=1)]


def _role(track: Any, number: int, quarter: int, melody: Any | None) -> dict[str, Any]:
    pitches = [note.pitch for note in track.notes]
    times = [note.time for note in track.notes]
    found = track_candidate(track, quarter)
    if melody is not None and track is melody:
        role = "solo"
    elif track.is_drum:
        role = "drums"
    elif len(pitches) < MIN_NOTES:
        role = "few notes"
    elif found.single < MIN_SINGLE:
        role = "comp"
    else:
        low = found.bass or bool(_BASS.search(found.name)) or found.middle < 48
        role = "bass" if low else "line"
    return {
        "number": number,
        "name": found.name,
        "role": role,
        "notes": len(pitches),
        "single": round(found.single, 3),
        "low": min(pitches),
        "high": max(pitches),
        "density": round(len(pitches) / max(1.0, (max(times) - min(times)) / quarter), 2),
        "program": int(track.program),
    }


def _solo_facts(solo: Solo, read: FileRead) -> dict[str, Any]:
    chart = solo.chart
    meters = Counter(f"{bar.meter[0]}/{bar.meter[1]}" for bar in chart.bars)
    tonic, minor = estimate_key(chart)
    return {
        "title": solo.title,
        "meters": dict(meters.most_common()),
        "tempo": solo.tempo,
        "key": PITCH_NAMES[tonic] + ("m" if minor else ""),
        "bars": len(chart.bars),
        "bars_with_a_solo": _ranges(sorted({chart.bar_at(n.onset) + 1 for n in solo.notes})),
        "notes": len(solo.notes),
        "chords": len({str(chord) for _, chord in chart.changes}),
        "chord_changes": len(chart.changes),
        "chords_from": "the accompaniment"
        if read.counts[Count.INFERRED_CHORDS]
        else "chord symbols",
    }


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as ``1-4,7``."""
    parts = []
    for _, run in groupby(enumerate(numbers), lambda entry: entry[1] - entry[0]):
        inside = [number for _, number in run]
        parts.append(str(inside[0]) if len(inside) == 1 else f"{inside[0]}-{inside[-1]}")
    return ",".join(parts)


def _file_lines(facts: dict[str, Any]) -> list[str]:
    lines = []
    for track in facts["tracks"]:
        name = f", {track['name']!r}" if track["name"] else ""
        lines.append(
            f"  track {track['number']:<2} {track['role']:<9} {track['notes']:>5} notes, "
            f"{track['single']:.0%} single, pitches {track['low']}-{track['high']}, "
            f"{track['density']:.1f} per quarter, program {track['program']}{name}"
        )
    for solo in facts["solos"]:
        meters = solo["meters"].items()
        names = [meter if len(meters) == 1 else f"{meter} in {n} bars" for meter, n in meters]
        lines += [
            f"  solo     {solo['title']!r}: {solo['notes']} notes in bars "
            f"{solo['bars_with_a_solo']} of {solo['bars']}",
            f"           {', '.join(names)}, {solo['tempo']:g} quarter notes a minute, estimated "
            f"key {solo['key']}, {solo['chord_changes']} changes of {solo['chords']} chords, from "
            f"{solo['chords_from']}",
        ]
    lines += [f"  note     {label}: {count}" for label, count in facts["changed"].items()]
    for skipped in facts["skipped"]:
        what = f"{skipped['what']}: " if skipped["what"] else ""
        lines += [f"  skipped  {what}{skipped['why']}", f"  fix      {skipped['fix']}"]
    return lines


def _inspect_database(path: Path) -> seqgen.Inspection:
    """The performers of a Weimar Jazz Database; its solos are selected with ``where``."""
    from seqgen_jazz.readers.wjazzd import read_wjazzd

    found = read_wjazzd(path)
    counts = Counter(solo.title.partition(": ")[0] for solo in found.read.solos)
    lines = [f"{path.name}: {found.release}, {len(found.read.solos)} usable solos"]
    lines += [f"  {count:>4} {performer}" for performer, count in sorted(counts.items())]
    lines.append("select with --where \"performer='...'\" of run or train")
    return seqgen.Inspection(tuple(lines), {"performers": dict(sorted(counts.items()))})
