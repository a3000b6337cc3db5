"""Broken texts, metrics, augmentations and files."""

from __future__ import annotations

from .broken_domain import Broken

WRITE = 'seqgen.write_file(folder / f"rhythm-{number}.txt", f"{text(item)}\\n{receipt}\\n")'

ITEMS = [
    Broken(
        "text",
        "two lines",
        {"{item.metre} {''.join": "{item.metre}\\n{''.join"},
        "text() must return one line",
    ),
    Broken(
        "text",
        "raises for long items",
        {'return f"{item.metre} ': '{0: 0}[len(item.beats) // 13]\n    return f"{item.metre} '},
        "text() raised KeyError",
    ),
    Broken("render", "a list", {'return "\\n".join(': "return list("}, "render() must return text"),
    Broken(
        "metrics",
        "not a number",
        {"played / len(item.beats) if": 'float("nan") if'},
        "no finite number",
    ),
    Broken("metrics", "words", {"played / len(item.beats) if": '"often" if'}, "no finite number"),
    Broken(
        "augment",
        "draws from the global generator",
        {"rng.randrange": "__import__('random').randrange"},
        "two items for the same random numbers",
    ),
    Broken(
        "augment",
        "returns an item that cannot be encoded",
        {"+ item.beats[:at])": "+ ('?',) * item.metre)"},
        "encode() of an augmented item raised UnknownSymbol: unknown symbol '?'",
    ),
    Broken(
        "augment",
        "returns another type",
        {"return replace(item, beats=item.beats[at:]": "return list(item.beats[at:]"},
        "encode() of an augmented item raised AttributeError",
    ),
    Broken(
        "augment",
        "raises for long items",
        {"at = item.metre * rng": "at = {4: 4}[min(item.metre, 4)] // 4 * item.metre * rng"},
        "augment() raised KeyError",
    ),
    Broken(
        "augment",
        "returns an empty item",
        {"beats=item.beats[at:] + item.beats[:at]": "beats=item.beats[:0]"},
        "augment() returned an empty item",
    ),
    Broken(
        "augment",
        "returns an item that the guide refuses",
        {"+ item.beats[:at])": "+ item.beats[:at] + 8 * item.beats)"},
        "the guide refuses an augmented item",
    ),
    Broken(
        "rank",
        "the best twice",
        {"return sorted(range(len(items)), key": "return [0 for _ in items] or sorted([], key"},
        "each index once",
    ),
    Broken(
        "rank",
        "random",
        {"lambda place: len(items[place].beats))": "lambda _: __import__('random').random())"},
        "another order",
    ),
]

SHIPPED = [
    Broken(
        "shipped_model",
        "no such file",
        {'summary="Words",': 'summary="Words", model=Path("nowhere.safetensors"),'},
        "there is no file at Domain.model",
        "tiny_words.py",
    ),
]

WRITING = [
    Broken(
        "write_paths",
        "a path that does not exist",
        {WRITE: f'({WRITE}, folder / f"{{number}}.txt")[1]'},
        "which is no file",
    ),
    Broken(
        "write_paths",
        "raises",
        {WRITE: WRITE.replace('f"{text(item)}', 'item.beat + f"{item}')},
        "AttributeError",
    ),
    Broken(
        "write_inside",
        "next to the folder",
        {WRITE: WRITE.replace("folder /", "folder.parent /")},
        "not in its folder",
    ),
    Broken(
        "write_inside",
        "a log at home",
        {WRITE: f'[{WRITE}, (Path.home() / "rhythms.log").write_text("wrote")][0]'},
        "rhythms.log",
    ),
    Broken(
        "write_repeats",
        "the process in the file",
        {WRITE: WRITE.replace("{text(item)}", "{text(item)} {__import__('os').getpid()}")},
        "other bytes",
    ),
    Broken(
        "write_receipts",
        "the receipt is cut",
        {WRITE: WRITE.replace("{receipt}", "{receipt[:9]}")},
        "no file contains the receipt",
    ),
]
