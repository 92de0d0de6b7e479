"""How much a server adds to what its experts take, under open load."""
