"""The walk through an incident, from the first finding to the end, with consent at each step."""
