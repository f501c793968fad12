"""The black-box checker: traffic in, and what came of it; it shares no code with the project."""
