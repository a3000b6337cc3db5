"""Evaluation of solos: metrics, the reference ranges of real solos, score card and ranking."""
