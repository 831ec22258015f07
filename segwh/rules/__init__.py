"""What the user wrote, names unresolved."""
