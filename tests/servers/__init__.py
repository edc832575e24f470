"""The web server as it stands on the internet: slow clients, many clients, its stop."""
