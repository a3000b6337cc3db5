"""seqgen-jazz: jazz solos over a chord chart, for the seqgen framework."""
