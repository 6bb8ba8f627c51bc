"""Which repositories belong to a fleet: those of an organisation, of a list, of directories; and filters."""
