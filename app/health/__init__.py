"""Health: whether this process lives, and whether it can serve people. Imports core."""
