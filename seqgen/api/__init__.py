"""The Python interface: train, load, and what a trained model offers in programs and notebooks."""
