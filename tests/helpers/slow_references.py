"""Slow and obvious references in plain Python: one row at a time, float64, loops in the open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from seqgen.generation.sampling_config import SamplingConfig

NEVER = -math.inf
Row = list[float]


def log_sum(row: Sequence[float]) -> float:
    """The logarithm of the sum of the exponentials; minus infinity when nothing is left."""
    top = max(row)
    if top == NEVER:
        return NEVER
    return top + math.log(math.fsum(math.exp(value - top) for value in row))


def shares(row: Sequence[float]) -> Row:
    """The probabilities of a row of logits."""
    whole = log_sum(row)
    return [math.exp(value - whole) for value in row]


def only(row: Sequence[float], kept: Sequence[int] | set[int]) -> Row:
    """The row with everything else at minus infinity."""
    return [value if token in kept else NEVER for token, value in enumerate(row)]


def possible(row: Sequence[float]) -> list[int]:
    """The tokens that are left."""
    return [token for token, value in enumerate(row) if value > NEVER]


def ban(row: Row, tokens: Sequence[int]) -> Row:
    return only(row, set(range(len(row))) - set(tokens))


def fixed(row: Row, history: Sequence[int], forced: Mapping[int, int], least: int, end: int) -> Row:
    """Forced tokens by position, and no end before a minimum length."""
    position = len(history)
    if position < least:
        row = ban(row, [end])
    return only(row, {forced[position]}) if position in forced else row


def no_repeat(row: Row, history: Sequence[int], n: int) -> Row:
    """Take away each token that would close an n-gram which the history holds already."""
    grams = {tuple(history[at : at + n]) for at in range(len(history) - n + 1)}
    last = tuple(history[len(history) - (n - 1) :]) if n > 1 else ()
    if len(last) < n - 1:
        return row
    return ban(row, [token for token in range(len(row)) if (*last, token) in grams])


def recall(row: Row, history: Sequence[int], share: float, after: int, keys: Sequence[int]) -> Row:
    """Mix in the keys that followed earlier occurrences of the last ones."""
    said = [keys[token] for token in history if keys[token] >= 0]
    last, parts = said[len(said) - after :], shares(row)
    came = [said[at + after] for at in range(len(said) - after) if said[at : at + after] == last]
    whole = {key: sum(p for p, k in zip(parts, keys, strict=True) if k == key) for key in came}
    came = [key for key in came if whole[key] > 0]
    if len(said) < after or not came:
        return row
    left = sum(p for p, key in zip(parts, keys, strict=True) if key >= 0)
    recalled = [
        left * came.count(key) / len(came) * p / whole[key] if key in came else 0.0
        for p, key in zip(parts, keys, strict=True)
    ]
    mixed = [
        p if key < 0 else (1 - share) * p + share * q
        for p, q, key in zip(parts, recalled, keys, strict=True)
    ]
    return [math.log(p) if p > 0 else NEVER for p in mixed]


def penalise(row: Row, history: Sequence[int], penalty: float) -> Row:
    changed = list(row)
    for token in set(history):
        changed[token] = row[token] / penalty if row[token] > 0 else row[token] * penalty
    return changed


def heat(row: Row, temperatures: Sequence[float]) -> Row:
    """Log-probabilities divided by one temperature for each token."""
    whole = log_sum(row)
    return [
        value if value == NEVER else (value - whole) / temperature
        for value, temperature in zip(row, temperatures, strict=True)
    ]


def scheduled(points: Sequence[tuple[int, float]], position: int) -> float:
    """The temperature at a position, on the straight line between its neighbours."""
    before = [point for point in points if point[0] <= position]
    after = [point for point in points if point[0] >= position]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (left, low), (right, high) = before[-1], after[0]
    return low if left == right else low + (high - low) * (position - left) / (right - left)


def top_k(row: Row, k: int) -> Row:
    """Those with fewer than k strictly greater ones."""
    if k == 0:
        return row
    return only(row, [t for t in range(len(row)) if sum(v > row[t] for v in row) < k])


def nearest(row: Row, cost: Sequence[float], p: float) -> Row:
    """The cheapest tokens until their probabilities sum to p, and all that cost as little as
    the last of them."""
    parts, total = shares(row), 0.0
    last = NEVER
    for token in sorted(possible(row), key=lambda t: cost[t]):
        if total >= p and last > NEVER:
            break
        total, last = total + parts[token], cost[token]
    return only(row, [t for t in possible(row) if cost[t] <= last])


def top_p(row: Row, p: float) -> Row:
    return row if p == 1 else nearest(row, [-value for value in row], p)


def min_p(row: Row, p: float) -> Row:
    """Those at least p times as likely as the likeliest."""
    if p == 0:
        return row
    parts = shares(row)
    return only(row, [t for t in possible(row) if parts[t] >= p * max(parts)])


def distances(row: Row) -> Row:
    """How far the surprise of each token is from the entropy."""
    parts = shares(row)
    entropy = -math.fsum(part * math.log(part) for part in parts if part > 0)
    return [abs(-math.log(part) - entropy) if part > 0 else math.inf for part in parts]


def typical(row: Row, p: float) -> Row:
    return row if p == 1 else nearest(row, distances(row), p)


def pairs(text: str) -> list[tuple[str, str]]:
    """``'a:1 b:2'`` in pairs."""
    return [(part[: part.index(":")], part[part.index(":") + 1 :]) for part in text.split()]


def temperatures(
    config: SamplingConfig, position: int, size: int, groups: Mapping[str, Sequence[int]]
) -> Row:
    """The temperature of each token at a position."""
    if config.temperature_schedule:
        points = [(int(at), float(value)) for at, value in pairs(config.temperature_schedule)]
        return [scheduled(sorted(points), position)] * size
    values = [config.temperature] * size
    for name, value in pairs(config.temperature_groups):
        for token in groups[name]:
            values[token] = float(value)
    return values


def settled(
    row: Row,
    history: Sequence[int],
    config: SamplingConfig,
    symbols: Sequence[str],
    groups: Mapping[str, Sequence[int]],
) -> Row:
    """The logits to draw from, in the order that SamplingConfig documents."""
    end = len(symbols)
    row = ban(row, [symbols.index(symbol) for symbol in config.ban.split()])
    forced = {int(at): symbols.index(symbol) for at, symbol in pairs(config.force)}
    row = fixed(row, history, forced, config.min_tokens, end)
    if config.no_repeat_ngram:
        row = no_repeat(row, history, config.no_repeat_ngram)
    row = penalise(row, history, config.repetition_penalty)
    if not possible(row):
        return row
    row = heat(row, temperatures(config, len(history), len(row), groups))
    if config.recall:
        row = recall(row, history, config.recall, config.recall_after, [*range(end), -1])
    row = top_p(top_k(row, config.top_k), config.top_p)
    return typical(min_p(row, config.min_p), config.typical_p)
