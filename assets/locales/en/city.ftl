# Phases of loading a city.
phase-city-buildings = Checking buildings
phase-city-check = Comparing layers
phase-city-place = Joining layers
phase-city-read = Reading files
