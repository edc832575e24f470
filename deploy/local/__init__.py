"""What `./run` does: prepares the environment, starts databases and processes on one machine. Imports config only."""
