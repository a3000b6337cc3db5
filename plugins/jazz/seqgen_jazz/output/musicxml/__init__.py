"""Lead sheets as MusicXML."""
