"""Reading what users give, writing files atomically, running other programs."""
