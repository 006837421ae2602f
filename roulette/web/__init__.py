"""The skin: Twisted and Autobahn. Decode, delegate, apply."""
