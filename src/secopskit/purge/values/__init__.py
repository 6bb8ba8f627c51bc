"""The values of a purge: named by the user, looked for in every form, replaced."""
