"""Attachments: files on records of any kind, checked by their content. Imports users and core."""
