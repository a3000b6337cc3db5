"""Reading music files: MIDI, MusicXML and ABC become solos over charts."""
