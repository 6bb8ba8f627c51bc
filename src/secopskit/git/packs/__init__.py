"""A repository's objects read from its packs themselves, families of deltas at a time, by compiled code.

What a delta copies from its base needs no second look: only what it brings is searched, with a margin, and
what was found in the base is handed on. Nothing here knows what is searched for. Whatever is doubtful is
named, for `git cat-file` to read.
"""
