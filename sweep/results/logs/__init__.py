"""What runs have printed."""
