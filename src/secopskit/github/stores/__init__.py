"""Places of secrets and variables at GitHub: Actions, Dependabot, Codespaces; sealed, listed and shared."""
