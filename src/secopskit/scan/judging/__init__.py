"""What of it is reported: the sieve, and the files and commits that judge."""
