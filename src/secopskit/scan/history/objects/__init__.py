"""Which objects a repository has, which of them are asked for, and what lacks."""
