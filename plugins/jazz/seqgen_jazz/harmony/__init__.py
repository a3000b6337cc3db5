"""Chords: qualities, symbols, parsing."""
