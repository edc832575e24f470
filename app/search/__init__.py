"""Search: one box over every kind of record that is described. Imports core only."""
