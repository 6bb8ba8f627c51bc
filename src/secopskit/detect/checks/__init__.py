"""What `secops rules check` and `secops rules bench` do with the real detectors."""
