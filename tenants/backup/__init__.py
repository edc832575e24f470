"""Backup: all that a firm owns in one file, made at one moment; checked, restored, brought in under another name.

And the end of a firm: closed first, erased later.
"""
