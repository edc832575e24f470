"""The floor: what the same pages cost with Flask, psycopg, SQL written by hand and Jinja, and nothing else.

No journal, no rights, no forms, no translation: nobody could work with it. It only says what is physically there.
Imports nothing of the product.
"""
