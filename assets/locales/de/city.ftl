# Phasen beim Laden einer Stadt.
phase-city-buildings = Gebäude werden geprüft
phase-city-check = Ebenen werden verglichen
phase-city-place = Ebenen werden zusammengefügt
phase-city-read = Dateien werden gelesen
