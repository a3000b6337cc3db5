"""The types of keyword arguments, for type checkers; made by docs/make_setting_types.py.

A type checker then knows the name and the type of every setting of seqgen, and reports a misspelt
one. It cannot know the options of a domain or of a plugin's component: programs that are checked
give those as ``options={"starts_with": "tri"}``.
"""

from __future__ import annotations

from typing import Any, TypedDict


class StreamSettings(TypedDict, total=False):
    """Settings of ``Model.stream``: sampling and constraints."""

    ban: str | None
    batch_size: int | None
    beams: int | None
    force: str | None
    length_penalty: float | None
    match: str | None
    max_copy: int | None
    max_draws: int | None
    max_tokens: int | None
    min_p: float | None
    min_tokens: int | None
    no_repeat_ngram: int | None
    novel: bool | None
    processors: Any
    recall: float | None
    recall_after: int | None
    repetition_penalty: float | None
    sampler: Any
    seed: int | None
    temperature: float | None
    temperature_groups: str | None
    temperature_schedule: str | None
    top_k: int | None
    top_p: float | None
    typical_p: float | None
    unbiased: bool | None


class GenerateSettings(StreamSettings, total=False):
    """Settings of ``Model.generate``."""

    best: int | None
    prompt: str | None


class TrainSettings(TypedDict, total=False):
    """Settings of ``seqgen.train``: the network and its training."""

    batch_size: int | None
    cell: Any
    clip_norm: float | None
    dropout: float | None
    ema: float | None
    embedding: int | None
    embedding_dropout: float | None
    epochs: int | None
    held_out: float | None
    input_dropout: float | None
    label_smoothing: float | None
    layers: int | None
    minutes: float | None
    mixture: str | None
    patience: int | None
    preset: str | None
    seed: int | None
    seeds: int | None
    tied: bool | None
    units: int | None
    validation: float | None
    warm_up: float | None
    weight_decay: float | None
    weight_drop: float | None
    window: int | None
