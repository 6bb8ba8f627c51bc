"""Rules about variables: told or not, passed or not, agreeing or not, and out in the open."""
