"""The new history, made beside the old one."""
