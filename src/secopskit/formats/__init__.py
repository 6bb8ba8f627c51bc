"""Configuration files as facts: what is set where. No module here judges whether a value is a secret.

One module a format, each with `settings(…)` or a few functions of that kind; every one of them
yields `Setting`s. What workflows look up elsewhere is told by `workflow_uses` and what it stands on.
Content is hostile: what cannot be read yields nothing, no function raises for it, and time is bounded by
the size of the text.
"""
