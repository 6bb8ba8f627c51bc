"""git, and nothing of scanning or purging: repositories, processes, objects, history, work trees."""
