# Bild der Stadt im Fenster.
view-quality-software = Bild ohne Grafikkarte: Kanten ungeglättet, Schatten gröber und nicht in Bewegung
