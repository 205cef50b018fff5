"""The parts of a report's page, each a function from its content to HTML."""
