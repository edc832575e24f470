"""Notifications: what somebody must know, in the bell, in the inbox and by mail. Imports core and users."""
