# cli
phase-load = Stadtmodell wird gelesen
phase-prepare = Bestand wird vorbereitet
