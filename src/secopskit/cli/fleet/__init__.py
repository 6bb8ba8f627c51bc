"""`secops fleet`: every repository of an organisation, scanned and remembered."""
