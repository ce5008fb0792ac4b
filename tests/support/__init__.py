"""What several tests need: databases, a browser, a served application. Nothing here knows the election."""
