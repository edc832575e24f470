"""Log-in: who is there, into which firm, in which language; passwords and the own profile. Imports core and users."""
