"""Who does the work: processes of this machine, or a cluster. A new kind is a module with the interface."""
