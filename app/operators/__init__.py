"""Operators: how we who run the platform look after all tenants, and what tenants read about it. Imports
escalation, notifications, subscription and core.
"""
