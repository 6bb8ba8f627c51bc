"""An incident: exposed secrets with a state each, from found to closed, and what to do next."""
