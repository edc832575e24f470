"""Escalation: rules take up every change and tell whoever must know; deadlines that nobody keeps go a level higher.

Reads descriptions and names no feature; imports core, users, following and notifications.
"""
