"""What the commands of `secops migrate` have in common: options, inputs, and how they speak."""
