"""The judgement of a value with what stands around it: a placeholder, a password, made up, or elsewhere."""
