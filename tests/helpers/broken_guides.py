"""Broken guides: dead ends, shared states, other contexts."""

from __future__ import annotations

from .broken_domain import Broken

MASK = "mask = np.full(self._size, state < self.max_tokens)"

GUIDE = [
    Broken(
        "guide_form",
        "a mask of numbers",
        {MASK: MASK.replace("state <", "1.0 * state <").replace("mask =", "mask = 1 *")},
        "allowed() must give",
    ),
    Broken(
        "guide_form",
        "two columns of context",
        {"return [state % self._metre]": "return [state % self._metre, 0]"},
        "context() must give",
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
        "a place where nothing is allowed",
    ),
    Broken(
        "guide_dead_ends",
        "a bar may be begun that nothing can fill",
        {"self.max_tokens = metre * bars": "self.max_tokens = metre * bars + 1"},
        "a place where nothing is allowed",
    ),
    Broken(
        "guide_bound",
        "goes on beyond its bound",
        {MASK: "mask = np.full(self._size, True)"},
        "goes on after",
    ),
    Broken(
        "guide_states",
        "the guide itself remembers the place",
        {
            "        return state + 1": "        self._at = state + 1\n        return state + 1",
            "def row_start(self) -> int:": "def row_start(self) -> int:\n        self._at = 0",
            "return [state % self._metre]": "return [self._at % self._metre]",
        },
        "was changed by a later step",
    ),
    Broken(
        "guide_states",
        "a state that is changed in place",
        {"after = state.copy()": "after = state"},
        "was changed by a later step",
        "tiny_words.py",
    ),
    Broken(
        "guide_states",
        "rows in another order",
        {"return state[rows]": "return state[np.sort(rows)]"},
        "gives other rows",
        "tiny_words.py",
    ),
    Broken(
        "guide_states",
        "one row rules the batch",
        {"(state[:, 1] == 0), 0]": "(state[:, 1] == 0).any(), 0]"},
        "sees something else than it does alone",
        "tiny_words.py",
    ),
    Broken(
        "contexts",
        "training and generation count otherwise",
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
        "no guide to give the context",
        {"        guide=guide,\n": ""},
        "no guide that gives it",
    ),
]
