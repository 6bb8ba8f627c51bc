"""Secrets and environment files where others see them."""
