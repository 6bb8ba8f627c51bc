"""From the old history to the new one and, if need be, back."""
