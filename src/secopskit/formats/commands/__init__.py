"""Command lines, wherever they stand: scripts, histories, logs, documents, Dockerfiles, workflows."""
