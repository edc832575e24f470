"""Tags: words of the firm's own on records of every kind, to find them again by. Imports core only."""
