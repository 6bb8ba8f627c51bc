"""A fleet: many repositories, scanned by several workers, on this machine or on a cluster, and remembered."""
