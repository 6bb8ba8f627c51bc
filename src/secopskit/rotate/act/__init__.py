"""The steps of a rotation, each of them asked for and put down before it is done."""
