"""The picture of a project: services, databases, who talks to whom. Values first, then two ways to draw."""
