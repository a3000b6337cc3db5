"""Broken guides: dead ends, shared states, other contexts."""

from __future__ import annotations

from .broken_domain import Broken

MASK = "mask = np.full(self._size, state < self.max_tokens)"

GUIDE = [
    Broken(
        "guide_form",
        "a mask of numbers",
        {MASK: MASK.replace("state <", "1.0 * state <").replace("mask =", "mask = 1 *")},
        "allowed() must return",
    ),
    Broken(
        "guide_form",
        "two columns of context",
        {"return [state % self._metre]": "return [state % self._metre, 0]"},
        "context() must return",
    ),
    Broken(
        "guide_accepts_corpus",
        "too few bars by default",
        {"seqgen.setting(8,": "seqgen.setting(2,"},
        "the guide refuses",
    ),
    Broken(
        "guide_dead_ends",
        "no end at the longest",
        {"mask[-1] = state > 0 and": "mask[-1] = 0 < state < self.max_tokens and"},
        "reach a dead end",
    ),
    Broken(
        "guide_dead_ends",
        "an unfinished bar at the end",
        {"self.max_tokens = metre * bars": "self.max_tokens = metre * bars + 1"},
        "reach a dead end",
    ),
    Broken(
        "guide_bound",
        "continues beyond its maximum",
        {MASK: "mask = np.full(self._size, True)"},
        "a walk continues after",
    ),
    Broken(
        "guide_states",
        "the guide itself remembers the place",
        {
            "        return state + 1": "        self._at = state + 1\n        return state + 1",
            "def row_start(self) -> int:": "def row_start(self) -> int:\n        self._at = 0",
            "return [state % self._metre]": "return [self._at % self._metre]",
        },
        "a later step changes the state",
    ),
    Broken(
        "guide_states",
        "a state that is changed in place",
        {"after = state.copy()": "after = state"},
        "advance() changes the state",
        "tiny_words.py",
    ),
    Broken(
        "guide_states",
        "rows in another order",
        {"return state[rows]": "return state[np.sort(rows)]"},
        "returns other rows",
        "tiny_words.py",
    ),
    Broken(
        "guide_states",
        "one row changes the batch",
        {"(state[:, 1] == 0), 0]": "(state[:, 1] == 0).any(), 0]"},
        "differs from the same row alone",
        "tiny_words.py",
    ),
    Broken(
        "contexts",
        "training and generation count differently",
        {"return [state % self._metre]": "return [(state + 1) % self._metre]"},
        "different context rows",
    ),
    Broken(
        "contexts",
        "no context while items are generated",
        {"return [state % self._metre]": "return None  # type: ignore"},
        "different context rows",
    ),
    Broken(
        "contexts",
        "no guide for the context",
        {"        guide=guide,\n": ""},
        "no guide computes them",
    ),
]
