"""Tasks: what somebody of the firm is to do, by when, for whom. Imports activities, users and core."""
