# Bericht und Karten.
report-less-sun = weniger Sonne
report-more-sun = mehr Sonne
report-shallower = flacher
report-deeper = tiefer
report-slower = langsamer
report-faster = schneller
report-less-danger = weniger Gefahr
report-more-danger = mehr Gefahr
report-shorter = kürzer
report-longer = länger
report-class-below = unter { $upper } { $unit }
report-class-between = { $lower } bis unter { $upper } { $unit }
report-class-from = ab { $lower } { $unit }
report-removed = entfällt
report-sources = Quellen
report-origin-unknown = Herkunft nicht angegeben: { $path }
report-stamp = Planspiel { $version } · Szenario { $hash }
report-map-arrows = Fließrichtung bei größter Geschwindigkeit: ab 0,2, ab 0,5 und ab 2 m/s
report-map-draft = Entwurf oder Änderung
report-map-removed = entfällt
report-map-difference = Änderung
report-map-minus = { $variant } minus { $baseline }
report-map-best-point = Bester Punkt der Fassade
report-map-best-point-change = Änderung am besten Punkt der Fassade

report-kicker = Planspiel · Bericht
report-days = Untersuchte Tage
report-city = Stadtmodell
report-variants = Varianten
report-coarse = Dieser Bericht zeigt eine grobe Vorschau mit weiteren Abständen und längeren Zeitschritten. Für eine Entscheidung bitte genau rechnen.
report-question = Was gefragt wurde
report-baseline-only = Untersucht wird der Bestand; Varianten sind nicht angegeben.
report-answer = Antwort
report-edit-add-building = neues Gebäude { $id }, { $height } hoch
report-edit-place = Entwurf { $id } aus { $draft }
report-edit-remove = { $id } entfällt
report-edit-set-height = { $id } wird { $height } hoch
report-edit-move = { $id } wird versetzt: Ost { $east }, Nord { $north }, Höhe { $up }, Drehung { $turn }
report-edit-add-tree = neuer Baum { $id }, { $height } hoch

report-indicators = Kennzahlen
report-indicators-caption = Bestand und Varianten im untersuchten Gebiet
report-indicators-matched = Änderung: auf den n Fassaden (unveränderter Gebäude) oder n Zellen am Boden, die es im Bestand und in der Variante gibt. Eigene Fassaden der Variante und Boden, den sie bebaut oder freigibt, stehen nur in ihren Werten; deshalb ist die Änderung nicht der Unterschied der beiden Spalten.
report-indicator = Kennzahl
report-percentage-points = Prozentpunkte

report-maps = Karten
report-figure = Abb.
report-caption-ground-baseline = Bestand: Sonnenstunden am Boden.
report-caption-ground-variant = { $variant }: Sonnenstunden am Boden.
report-caption-ground-difference = Wo sich die Besonnung am Boden ändert. Blau: weniger Sonne als im Bestand, rot: mehr Sonne, hellgrau: unverändert.
report-caption-walls-baseline = Bestand: bester Punkt jeder Fassade.
report-caption-walls-variant = { $variant }: bester Punkt jeder Fassade.
report-caption-walls-difference = Wo sich die Besonnung der Fassaden ändert, je Fassade am besten Punkt. Blau: weniger Sonne als im Bestand, rot: mehr Sonne, hellgrau: unverändert.
report-alt-values = Karte: { $title }, { $variant }. Werte von { $low } bis { $high }, mittlerer Wert { $middle }.
report-alt-difference = Karte der Änderung: { $title }, { $variant } gegenüber dem Bestand. Änderungen von { $low } bis { $high }, mittlerer Wert { $middle }.

report-facade = Fassade
report-facade-n = Nordfassade
report-facade-ne = Nordostfassade
report-facade-e = Ostfassade
report-facade-se = Südostfassade
report-facade-s = Südfassade
report-facade-sw = Südwestfassade
report-facade-w = Westfassade
report-facade-nw = Nordwestfassade
report-facades = Fassaden
report-facades-intro = Jede Fassade wird nach ihrem besten Punkt beurteilt. Das ist kein Urteil über eine Wohnung: Fenster und Grundrisse sind nicht Teil des Modells.
report-facades-losses = Größte Verluste zuerst; Sonnenzeit am besten Punkt der Fassade
report-facades-least = Nach Osten, Süden oder Westen gerichtete Fassaden mit der wenigsten Sonne am besten Punkt
report-facades-no-loss = Keine Fassade verliert an ihrem besten Punkt eine Minute Sonne oder mehr.
report-facades-more = { $count ->
    [one] Eine weitere Fassade steht in { $file }.
   *[other] { $count } weitere Fassaden stehen in { $file }.
}
report-facades-new = { $count ->
    [one] Neue Fassade der Variante
   *[other] Neue Fassaden der Variante ({ $count })
}
report-class-chart = Zahl der Fassaden je Klasse der DIN EN 17037, beurteilt am besten Punkt.
report-strips-rule = Zu diesen Zeiten erreicht die Sonne den besten Punkt der Fassade und steht hoch genug für DIN EN 17037.
report-strips = Zu diesen Zeiten erreicht die Sonne den besten Punkt der Fassade.
report-strip-axis = Uhrzeit ({ $zone })
report-column-building = Gebäude
report-column-facade = Fassade
report-column-area = Fläche
report-column-before = Bestand
report-column-after = Variante
report-column-change = Änderung
report-column-class-before = Klasse im Bestand
report-column-class-after = Klasse in der Variante
report-column-best = Bester Punkt
report-column-class = Klasse
report-mark-draft = Entwurf
report-mark-assumed = Höhe angenommen
report-column-below = davon unter 1,5 h
report-buildings-caption = { $variant }, { $date }: Entwürfe und Gebäude, deren Klasse sich ändert, größte Verluste zuerst; Sonne und Klasse am besten Punkt aller Fassaden
report-buildings-more = { $count ->
    [one] Ein weiteres Gebäude steht in { $file }.
   *[other] { $count } weitere Gebäude stehen in { $file }.
}
report-receivers-caption = { $variant }, { $date }: Sonne an den eigenen Punkten, in der Reihenfolge der Datei
report-receivers = { $variant }: { $count } eigene Punkte; Minuten und Zeiten stehen in { $file }.

report-sun-scope = Beurteilt wird je Fassade der beste Punkt. Das ist kein Urteil über Wohnungen und ersetzt kein Gutachten. DIN EN 17037 ist eine Empfehlung, kein gesetzlicher Grenzwert.
report-sun-lowered = { $count ->
    [0] Am { $date } fällt keine der { $total } verglichenen Fassaden in eine niedrigere Klasse der DIN EN 17037.
    [one] Am { $date } fällt eine von { $total } verglichenen Fassaden in eine niedrigere Klasse der DIN EN 17037.
   *[other] Am { $date } fallen { $count } von { $total } verglichenen Fassaden in eine niedrigere Klasse der DIN EN 17037.
}
report-sun-below = { $count ->
    [0] Keine davon verliert dadurch die Mindestempfehlung von 1,5 h.
    [one] Eine davon erreicht die Mindestempfehlung von 1,5 h nicht mehr.
   *[other] { $count } davon erreichen die Mindestempfehlung von 1,5 h nicht mehr.
}
report-sun-raised = { $count ->
    [one] Eine Fassade steigt in eine höhere Klasse.
   *[other] { $count } Fassaden steigen in eine höhere Klasse.
}
report-sun-lost = { $count ->
    [0] Am { $date } verliert keine der { $total } verglichenen Fassaden am besten Punkt { $minutes } Sonne oder mehr.
    [one] Am { $date } verliert eine von { $total } verglichenen Fassaden am besten Punkt { $minutes } Sonne oder mehr.
   *[other] Am { $date } verlieren { $count } von { $total } verglichenen Fassaden am besten Punkt { $minutes } Sonne oder mehr.
}
report-sun-worst = Am meisten verliert die { $facade } von { $building }: { $loss } am besten Punkt (bisher { $before }, dann { $after }).
report-sun-ground = Am Boden verlieren { $lost } mindestens { $minutes } Sonne, { $gained } gewinnen ebenso viel.
report-sun-baseline = { $count ->
    [one] Am { $date } erreicht eine von { $total } Fassaden ({ $share }) an ihrem besten Punkt die Mindestempfehlung der DIN EN 17037 von 1,5 h.
   *[other] Am { $date } erreichen { $count } von { $total } Fassaden ({ $share }) an ihrem besten Punkt die Mindestempfehlung der DIN EN 17037 von 1,5 h.
}
report-sun-baseline-mean = Am { $date } scheint die Sonne an den { $total } Fassaden am jeweils besten Punkt im Mittel { $mean }.
report-sun-baseline-ground = Am Boden scheint sie im Mittel { $mean }.

report-findings = Hinweise zu Daten und Ergebnis
report-findings-none = Es gibt keine Hinweise.
report-findings-intro = Das Ergebnis liegt vor; diese Eigenschaften der Daten sollte kennen, wer es verwendet.
report-findings-caption = Warnungen zuerst, je Art zusammengefasst
report-finding-kind = Art
report-finding-count = Anzahl
report-finding-text = Hinweis
report-finding-objects = Betroffen:
report-finding-all = alle
report-severity-warning = Warnung
report-severity-info = Hinweis
report-assumed = Angenommene Höhen
report-assumed-text = { $count ->
    [one] Für eines von { $total } Gebäuden nennt die Quelle keine Höhe; sie ist angenommen. Schatten dieses Gebäudes sind so unsicher wie diese Höhe.
   *[other] Für { $count } von { $total } Gebäuden nennt die Quelle keine Höhe; sie ist angenommen. Schatten dieser Gebäude sind so unsicher wie diese Höhe.
}
report-assumed-height = { $count } mit { $height }
report-method = Verfahren und Grenzen
report-method-sun = Für jeden Punkt und jeden Zeitschritt des Tages wird geprüft, ob die Verbindung zum Mittelpunkt der Sonne frei ist: gegen die Dreiecke aller Gebäude und des Geländes, ohne Rasterung. Der Himmel ist wolkenlos gedacht. Eine Minute zählt, wenn die Sonne in ihrer Mitte sichtbar ist.
report-method-sun-rule = DIN EN 17037 beurteilt einen Tag zwischen dem 1. Februar und dem 21. März: gering ab 1,5 h, mittel ab 3 h, hoch ab 4 h direkter Sonne; in Deutschland zählt nur Sonne, die mindestens 11° hoch steht. Die Punkte liegen auf der Außenfläche der Wand. Die Norm fordert einen Punkt auf der Innenseite der Außenwand in der Mitte des Fensters; die Laibung verkürzt die Zeit dort.
report-method-sun-limits = Nicht im Modell: Fenster, Wohnungen, Laibungen, Balkone und Dachüberstände, soweit das Stadtmodell sie nicht enthält, Reflexionen, Wetter. Ein Höhenfehler von 1 m im Stadtmodell verlängert oder verkürzt einen Schatten am 21. März mittags um etwa 1,3 m. Nord auf den Karten ist Gitternord.
report-sources-caption = Daten, aus denen das Stadtmodell besteht
report-source-layer = Ebene
report-source-origin = Herkunft
report-source-licence = Lizenz
report-source-date = Stand
report-source-format = Format und Bezugssystem
report-source-objects = Objekte
report-credits = Farben: Scientific colour maps (F. Crameri, MIT), cividis (CC0). Schrift: IBM Plex Sans (OFL 1.1). Klassen: DIN EN 17037.
report-provenance = Nachvollziehbarkeit
report-provenance-text = Dieselben Eingaben und dieselbe Programmversion geben dieselben Ergebnisdateien, Byte für Byte. Die Prüfsummen (BLAKE3) der Eingaben stehen hier, die der Ergebnisse in provenance.json.
report-program = Programm
report-scenario-file = Szenario
report-scenario-hash = Prüfsumme des Szenarios
report-seed = Startwert für Zufallszahlen
report-annex = Anhang
report-annex-caption = { $variant }, { $date }: Fassaden { $from } bis { $to }. Alle stehen in { $file }.
phase-write = Ergebnisse schreiben
