"""Contact points: e-mails, phones, addresses and links of a contact or a company. Imports core only."""
