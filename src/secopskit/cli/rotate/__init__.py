"""`secops rotate`: new values in the place of leaked ones, nobody locked out."""
