"""The timeline's own part: what the journal knows of a record, in plain words. Imports core and users."""
