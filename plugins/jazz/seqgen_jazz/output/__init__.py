"""Writing solos: MIDI, MusicXML, a piano roll for the terminal and one as a picture."""
