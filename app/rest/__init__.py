"""The interface for programs: addresses made of described resources, tokens, reference. Imports the core and what is
below.
"""
