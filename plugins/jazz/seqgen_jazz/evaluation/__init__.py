"""Judging solos: figures, the bands of real solos, the score card, ranking and copying."""
