"""The ranking of settings: what is known of each, as a page for a terminal and as md, csv, latex and json."""
