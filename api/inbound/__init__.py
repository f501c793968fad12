"""Takes the events of other systems: each becomes a command, or nothing, or a dead letter."""
