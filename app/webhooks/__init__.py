"""Webhooks: other programs are told by HTTP of what changes here. Imports core, notifications, users and escalation."""
