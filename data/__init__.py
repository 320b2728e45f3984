"""The room of text: from facts and the user's files to what a trainer eats. Imports only `configs`."""
