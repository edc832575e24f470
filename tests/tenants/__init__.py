"""The walls: attacks on isolation and on the journal, through the application's own session."""
