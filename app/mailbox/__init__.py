"""The mailbox of a house on one's own machine: mails are read here and leave for nowhere. Imports core."""
