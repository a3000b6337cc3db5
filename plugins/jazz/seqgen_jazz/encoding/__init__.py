"""Solos as tokens: grammar, masks, guide."""
