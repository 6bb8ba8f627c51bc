"""Lookups of environment variables in programs, a module a language."""
