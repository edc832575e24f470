"""Views: how people look at lists, line by line a filter, which columns, and all of it under a name. Imports users and
core.
"""
