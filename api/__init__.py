"""The edge: reads current stock and history, takes commands, over HTTP."""
