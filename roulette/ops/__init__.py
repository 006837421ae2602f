"""For the person who runs it. What is here is given objects; it looks for none itself."""
