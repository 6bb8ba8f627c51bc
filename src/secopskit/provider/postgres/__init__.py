"""Passwords of PostgreSQL roles: two roles in turn, of which nobody sees a failed login, or one."""
