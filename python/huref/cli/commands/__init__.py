"""One module for each verb, with the click command `command`."""
