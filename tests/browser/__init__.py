"""Stories told with a real browser to real processes: databases, web, worker and scheduler."""
