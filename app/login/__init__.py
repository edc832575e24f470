"""Log-in: who is there, into which firm, in which language; forgotten passwords. Imports core only."""
