"""Following: who wants to hear of which record, of whatever kind. Imports core and users."""
