"""Lead sheets: chords over bars, repeats, iReal Pro links."""
