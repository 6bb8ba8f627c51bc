"""Passwords of Odoo: of a user, over its remote interface, and the master password in its configuration."""
