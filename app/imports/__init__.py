"""Imports: the lists that people have become records. Names no feature; imports core and users."""
