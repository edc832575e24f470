"""Home: what to do first in an empty account, and what happened lately in a busy one. Imports the rooms
below.
"""
