"""JavaScript and TypeScript: lookups, schemas of the environment, and what is bundled."""
