"""The report: a whole sweep as one HTML file that needs no network."""
