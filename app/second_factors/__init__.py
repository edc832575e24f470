"""The second factor: asked for at the log-in and before what is dangerous, added and taken away in one's profile."""
