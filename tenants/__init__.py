"""Floor 1. Whose data are we touching.

Everything that could mix up two customers lives here and only here: the database session, the change journal,
jobs, the clock (a tenant has a time zone), mail, files. The floors above are handed these things already
bound to one tenant and cannot reach past them. Imports config. Speaks Python, never HTTP.
"""
