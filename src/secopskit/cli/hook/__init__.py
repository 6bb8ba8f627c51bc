"""`secops hook`: what runs at commits and pushes."""
