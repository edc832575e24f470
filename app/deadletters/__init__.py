"""Dead letters: what was given up after many attempts or set aside, seen, retried or discarded by who runs a firm.

Imports core, notifications, escalation.
"""
