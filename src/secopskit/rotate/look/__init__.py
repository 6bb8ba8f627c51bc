"""What is there before a rotation: credentials, their values, who reads them, whom a declaration reaches."""
