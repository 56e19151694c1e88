"""What reads the cases, plays them on an engine and tells of it."""
