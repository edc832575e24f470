"""Selection: what is done with many records of a list at once, and the way back. Imports users and core."""
