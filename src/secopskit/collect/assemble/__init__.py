"""What several files say together: stacks merged as Compose does, endpoints put together from their parts."""
