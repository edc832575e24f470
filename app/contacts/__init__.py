"""Contacts: people. Imports contactpoints and core; who employs them is told by affiliations."""
