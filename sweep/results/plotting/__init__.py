"""Learning curves as figures: which lines, in which panels, with which band, drawn with matplotlib."""
