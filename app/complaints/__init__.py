"""Complaints: what went wrong, for whom, until when, how it was settled. Imports contacts, companies, affiliations."""
