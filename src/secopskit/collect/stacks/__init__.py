"""Collectors of descriptions of what runs where: Compose, Dockerfiles, Kubernetes, proxies, platforms."""
