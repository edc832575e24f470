"""Migrations: numbered files, SQL as text. Imports nothing of ours that may change, so that each stays what it was."""
