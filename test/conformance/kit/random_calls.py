def difference(seed, engines): return None
