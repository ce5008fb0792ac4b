"""Flask: turns a request into one operation and its result into a page. Decides nothing. Holds the command line."""
