"""Secrets and variables brought to where they are read: declaration, plan, apply, check, audit."""
