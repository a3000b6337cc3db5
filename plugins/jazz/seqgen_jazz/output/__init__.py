"""Output of solos: MIDI, MusicXML, audio, and piano rolls as text and pictures."""
