"""The API as documents: requests that are understood, problems that are answered, and OpenAPI's own."""
