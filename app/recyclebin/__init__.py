"""The recycle bin: what was deleted, and the way back, for every kind of record. Imports core only."""
