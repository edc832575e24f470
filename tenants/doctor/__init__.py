"""The doctor: what is wrong with this house, in one sentence each, and how to mend it.

Changes nothing; a few bytes are written where files are kept, and removed at once.
"""
