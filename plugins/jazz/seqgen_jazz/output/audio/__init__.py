"""Sound: a performance as a WAV file, by FluidSynth where it is there, else by NumPy."""
