"""Detectors of what describes machines and services: images, manifests, infrastructure as code."""
