"""Pipelines of CI: their variables, and what their expressions look up."""
