"""Archives and compressed files as what they hold, read from memory: `opening.opened` is the way in.

Content is hostile: sizes in headers are not believed, nothing is written to a disk under a name that
an archive gives, no function raises for what it reads, and size, number, depth and time are bounded.
What was not opened is told, with the reason.
"""
