"""The audit of a project: where what is declared, what is used and what is started disagree."""
