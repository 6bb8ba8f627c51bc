"""Descriptions of what runs where: Compose, Dockerfiles, Kubernetes, Terraform."""
