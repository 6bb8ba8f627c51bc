"""Collectors of pipelines: GitHub's workflows and actions, GitLab's pipelines."""
