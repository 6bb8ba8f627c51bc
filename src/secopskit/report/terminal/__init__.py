"""Reports that people read at a terminal, and lines for what stands behind a pipe there."""
