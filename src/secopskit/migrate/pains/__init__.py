"""The pains that SQL alone shows: rules over the text of migrations, which need no database."""
