"""`secops migrate`: one small module per command, each loaded when it runs."""
