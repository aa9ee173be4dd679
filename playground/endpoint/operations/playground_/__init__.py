"""What scripts may set of this server itself, below /_playground/."""
