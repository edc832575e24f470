"""Sign-up: how a firm comes in, from the form to its own empty account. Imports core, users and billing."""
