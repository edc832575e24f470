"""Subscription: what a firm uses, day by day, and what that costs. Imports core only, and billing."""
