"""What all formats of a report tell alike: the counts, the order, and the words for them."""
