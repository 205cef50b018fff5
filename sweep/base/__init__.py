"""Ground floor: errors, settings, atomic files, text. Imports nothing above it."""
