"""Audio: a performance as a WAV file, by FluidSynth if it is installed, else by NumPy."""
