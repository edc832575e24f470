"""The door: `./run` as a person uses it, in real processes."""
