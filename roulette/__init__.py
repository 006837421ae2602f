"""A self-hosted stranger chat: guests meet at random, one to one, and talk."""
