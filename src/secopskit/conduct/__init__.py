"""How a command changes the world: plan, consent, apply, outcome. Pure: no terminal, no file, no network."""
