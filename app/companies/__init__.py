"""Companies: organisations the tenant deals with. Imports contactpoints and core."""
