"""PostgreSQL: connections, poolers, and what the server's errors mean."""
