"""Evaluation: likelihood beside baselines, and novelty."""
