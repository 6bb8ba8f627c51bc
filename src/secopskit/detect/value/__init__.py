"""The judgement of a value by itself: drawn or made of words, a placeholder, a password."""
