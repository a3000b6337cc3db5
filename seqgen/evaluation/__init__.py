"""Evaluation: likelihood compared with baselines, calibration, novelty and copying."""
