"""Activities: notes and calls, on the timelines of the records they are about. Imports users and core."""
