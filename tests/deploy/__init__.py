"""What is in deploy/ holds: read by the tools that know each format, and tried with real processes."""
