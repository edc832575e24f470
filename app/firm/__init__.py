"""Firm: who the firm is: name, legal identity, country, zone, language, logo. Imports attachments and escalation."""
