"""What people ask for: each command is a function that returns a report as data."""
