"""What a sync tells: facts without values, and pages made of them."""
