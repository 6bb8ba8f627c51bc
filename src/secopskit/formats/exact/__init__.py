"""Dotenv files byte for byte: read strictly, and edited in place."""
