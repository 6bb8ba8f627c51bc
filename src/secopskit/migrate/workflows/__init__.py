"""The GitHub workflows that migrate a staging and a production database."""
