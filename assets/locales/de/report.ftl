# Bericht und Karten.
report-less-sun = weniger Sonne
report-more-sun = mehr Sonne
report-class-below = unter { $upper } { $unit }
report-class-between = { $lower } bis unter { $upper } { $unit }
report-class-from = ab { $lower } { $unit }
report-removed = entfällt
report-sources = Quellen
report-origin-unknown = Herkunft nicht angegeben: { $path }
report-stamp = Planspiel { $version } · Szenario { $hash }
report-map-draft = Entwurf oder Änderung
report-map-removed = entfällt
report-map-difference = Änderung
report-map-minus = { $variant } minus { $baseline }
report-map-best-point = Bester Punkt der Fassade
report-map-best-point-change = Änderung am besten Punkt der Fassade
