"""Exports: what a list shows, as a file for spreadsheets. Imports users and core."""
