"""An account before it is one: what people type, and what can be guessed from it."""
