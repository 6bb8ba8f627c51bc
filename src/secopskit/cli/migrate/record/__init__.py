"""Commands about what is on record: the pin, the ledger, the history, the lock."""
