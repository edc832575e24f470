"""What leads to this very machine and nowhere else. Standard library only."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of hosts, as the address of a page has them."""
