"""Keystores and binary private keys as what they are: `recognised.keystore` is the way in.

Content is hostile: lengths in it are not believed, and no function raises for what it reads. Nothing is
decrypted; what a store holds is told by its outline.
"""
