"""The process of a run: how it is made, called and left."""
