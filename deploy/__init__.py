"""How Kontor is put to work: on one machine for trying and developing (local/), and on servers. Nothing imports it."""
