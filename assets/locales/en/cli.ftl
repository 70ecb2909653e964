# cli
phase-load = Reading the city
phase-prepare = Preparing the baseline
