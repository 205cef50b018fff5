"""The figures of a report, as the plain dictionaries that plotly draws."""
