"""What servers are told: what they listen on, pass requests to, and give to the programs they start."""
