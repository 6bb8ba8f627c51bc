"""The writing of a value other than as it is, sign by sign, and of what replaces it."""
