"""Floor 0. What this process was given: settings, the embedded databases, logging. Imports nothing of ours."""
