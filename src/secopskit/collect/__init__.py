"""Facts about a project: what its files declare, set, look up and start, each with file and line.

Collectors turn one file into facts and judge nothing; `assemble` joins what several files say. What is
wrong with the facts is told by `secopskit.audit`; `secopskit.harden` and `secopskit.rotate` read them, too.
"""
