"""What rules about services know: images, names, hosts, and which service is meant."""
