"""Reading what runs have left behind: tables, scores, figures. Writes nothing and executes nothing that it finds."""
