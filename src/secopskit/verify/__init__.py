"""Live checks: whoever issued a credential is asked whether it works, with a request that changes nothing."""
