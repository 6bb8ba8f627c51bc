"""Tables: of SQL and of text, each value under the name of its column."""
