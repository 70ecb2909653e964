# Bericht und Karten.
report-less-sun = weniger Sonne
report-more-sun = mehr Sonne
report-shallower = flacher
report-deeper = tiefer
report-calmer = ruhiger
report-windier = windiger
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
report-map-flood-wall = Hochwasserschutzwand
report-map-mobile-barrier = mobile Sperre
report-map-breach = Bresche
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
report-edit-flood-wall = Hochwasserschutzwand { $id }, { $height } über Gelände
report-edit-flood-wall-level = Hochwasserschutzwand { $id } bis { $height } über NHN
report-edit-mobile-barrier = mobile Sperre { $id }, { $height } über Gelände
report-edit-mobile-barrier-level = mobile Sperre { $id } bis { $height } über NHN
report-edit-breach = Bresche { $id }, { $width } breit, ab { $start }
report-edit-terrain-level = Gelände { $id } auf { $height } über NHN
report-edit-terrain-by = Gelände { $id } um { $height }
report-edit-green-roof = { $id } bekommt ein Gründach, das { $depth } Regen hält

report-indicators = Kennzahlen
report-indicators-caption = Bestand und Varianten im untersuchten Gebiet
report-indicators-matched = Änderung: auf den n Fassaden (unveränderter Gebäude) oder n Zellen am Boden, die es im Bestand und in der Variante gibt. Eigene Fassaden der Variante und Boden, den sie bebaut oder freigibt, stehen nur in ihren Werten; deshalb ist die Änderung nicht der Unterschied der beiden Spalten.
report-indicator = Kennzahl
report-percentage-points = Prozentpunkte
report-percentage-points-short = %-Pkt.

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

report-sun = Sonne
report-flood = Wasser
report-flood-event = Ereignis
report-flood-tables = Wasser an Gebäuden und auf Straßen
report-flood-peak = Scheitel { $level } NHN
report-flood-scope = Gerechnet ist ein gedachtes Ereignis, kein Wetter, das vorhergesagt wäre. Örtlich kann das Wasser höher oder niedriger stehen; was fehlt, steht unter „Verfahren und Grenzen“.
report-flood-baseline = { $count ->
    [0] An keinem von { $total } Gebäuden steht das Wasser 10 cm hoch oder höher an der Fassade ({ $event }).
    [one] An einem von { $total } Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade ({ $event }).
   *[other] An { $count } von { $total } Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade ({ $event }).
}
report-flood-deepest = Am tiefsten steht es an { $building }: { $depth }.
report-flood-area = Auf { $area } Gelände stehen mehr als 10 cm Wasser.
report-flood-area-event = Auf { $area } Gelände stehen mehr als 10 cm Wasser ({ $event }).
report-flood-streets = { $car } Straße sind zeitweise für Pkw unpassierbar, { $ambulance } auch für Rettungswagen.
report-flood-streets-free = Alle Straßen bleiben für Pkw passierbar.
report-flood-changed = { $after ->
    [0] An keinem Gebäude steht das Wasser mindestens 10 cm hoch an der Fassade, bisher an { $before } ({ $event }).
    [one] An einem statt { $before } Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade ({ $event }).
   *[other] An { $after } statt { $before } Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade ({ $event }).
}
report-flood-unchanged = { $after ->
    [0] An keinem Gebäude steht das Wasser mindestens 10 cm hoch an der Fassade, wie im Bestand ({ $event }).
    [one] An einem Gebäude steht das Wasser mindestens 10 cm hoch an der Fassade, ebenso vielen wie im Bestand ({ $event }).
   *[other] An { $after } Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade, ebenso vielen wie im Bestand ({ $event }).
}
report-flood-buildings-change = { $lower ->
    [0] An keinem Gebäude sinkt der höchste Stand um mindestens 5 cm,
    [one] An einem Gebäude sinkt der höchste Stand um mindestens 5 cm,
   *[other] An { $lower } Gebäuden sinkt der höchste Stand um mindestens 5 cm,
} { $higher ->
    [0] an keinem steigt er um so viel.
    [one] an einem steigt er um so viel.
   *[other] an { $higher } steigt er um so viel.
}
report-flood-best = Am meisten sinkt er an { $building }: von { $before } auf { $after }.
report-flood-worst = Am meisten steigt er an { $building }: von { $before } auf { $after }.
report-flood-area-change = Die Fläche mit mehr als 10 cm Wasser ändert sich von { $before } auf { $after }.
report-flood-area-change-event = Die Fläche mit mehr als 10 cm Wasser ändert sich von { $before } auf { $after } ({ $event }).
report-flood-streets-change = Zeitweise unpassierbar sind für Pkw { $car_after } Straße (bisher { $car_before }), für Rettungswagen { $ambulance_after } (bisher { $ambulance_before }).
report-flood-caption-difference = Wo sich der höchste Wasserstand ändert. Blau: flacher als im Bestand, rot: tiefer; ohne Farbe: Änderung unter 1 cm.
report-flood-caption-depth = { $variant }: größte Wassertiefe, die jede Zelle im Lauf des Ereignisses erreicht. Unter 3 cm bleibt die Karte ohne Farbe; Gewässer sind nicht eingefärbt.
report-flood-caption-speed = { $variant }: größte Fließgeschwindigkeit. Die Pfeile zeigen, wohin das Wasser dann fließt.
report-flood-caption-hazard = { $variant }: Gefährdung von Menschen aus Tiefe und Geschwindigkeit.
report-flood-caption-sinks = Senken des trockenen Geländes, ohne Regen und Kanalnetz gerechnet: Hinweis, wo sich Wasser sammeln kann.
report-flood-caption-paths = Fließwege des trockenen Geländes nach der Größe ihres Einzugsgebiets: Hinweis, wo Wasser entlangläuft.
report-flood-caption-other = { $variant }: { $title }.
report-flood-class-chart = Zahl der Gebäude nach der größten Wassertiefe an der Fassade.
report-flood-no-building = An keinem Gebäude steht das Wasser 10 cm hoch oder höher.
report-flood-buildings-caption = Gebäude mit mindestens 10 cm Wasser an der Fassade, die tiefsten zuerst
report-flood-buildings-caption-change = Gebäude mit mindestens 10 cm Wasser im Bestand oder in der Variante, die größten Änderungen zuerst; Stand, Geschwindigkeit und Klassen der Variante
report-flood-streets-caption = Straßen mit mehr als 10 cm Wasser, die tiefsten zuerst; gesperrt: vom ersten bis zum letzten Zeitpunkt ohne Durchfahrt nach Beginn des Ereignisses
report-flood-gauges-caption = Wassertiefe an den Pegeln nach Beginn des Ereignisses.
report-flood-ledger-caption = Woher das Wasser kam und wo es blieb; Zugang und Abgang sind bis auf den Fehler gleich
report-flood-sinks-caption = Senken des trockenen Geländes nach ihrem Volumen; Ostwert und Nordwert der tiefsten Stelle
report-flood-limits = Durchfahrt bis { $car } Wasser für Pkw, { $bus } für Linienbusse, { $ambulance } für Rettungswagen: Annahmen aus der Praxis, keine Norm. Zwischen zwei berechneten Zeitpunkten gilt der tiefere Stand.
report-flood-more = { $count ->
    [one] Eine weitere Zeile steht in { $file }.
   *[other] { $count } weitere Zeilen stehen in { $file }.
}
report-flood-passable = frei
report-flood-blocked-from = ab { $from }
report-flood-column-depth = Größte Tiefe
report-flood-column-level = Höchster Stand ü. NHN
report-flood-column-speed = Geschwin­digkeit
report-flood-column-arrival = Ankunft
report-flood-column-hazard = Gefährdung
report-flood-column-street = Straße
report-flood-column-length = Länge über 10 cm
report-flood-column-car = Pkw gesperrt
report-flood-column-bus = Bus gesperrt
report-flood-column-ambulance = Rettungs­wagen gesperrt
report-flood-column-place = Ostwert / Nordwert
report-indicators-matched-flood = Änderung: auf den n Gebäuden, Straßen oder Zellen, die es im Bestand und in der Variante gibt. Neue Gebäude der Variante und Boden, den sie bebaut oder freigibt, stehen nur in ihren Werten.
report-method-flood = Das Wasser wird auf einem Raster aus quadratischen Zellen in kleinen Zeitschritten gerechnet. Jede Zelle hat eine Geländehöhe, eine Rauheit und, wo es angegeben ist, Versickerung und Kanalanschluss. Was über eine Zellgrenze fließt, wird der einen Zelle genommen und der anderen gegeben; deshalb geht kein Wasser verloren, und die Bilanz ist bis auf Rundung exakt.
report-method-flood-maps = Die Karten zeigen für jede Zelle den größten Wert im ganzen Ereignis. Diese Werte treten nicht überall zur selben Zeit auf. Dächer und Gewässer, die schon am Anfang Wasser führen, sind nicht eingefärbt und zählen nicht zur überfluteten Fläche. Ein Gebäude oder eine Brücke, die von Anfang an ganz im Wasser steht, zählt nicht zu den betroffenen.
report-method-flood-classes = Klassen der Tiefe und Geschwindigkeit wie in den Starkregengefahrenkarten Baden-Württembergs (LUBW), für Hochwasser wie bei den bundesweiten Überflutungstiefen. Gefährdung: Tiefe mal (Geschwindigkeit + 0,5 m/s) nach Defra FD2320, ohne Zuschlag für Treibgut. An Gebäuden gilt der größte Wert der Zellen entlang der Fassade; ob Wasser eindringt, hängt von Türschwellen, Kellerfenstern und Lichtschächten ab, die das Modell nicht kennt.
report-method-flood-limits = Ein wirkliches Ereignis verläuft anders als das gedachte: Regen fällt ungleich, der Boden ist nasser oder trockener. Nicht enthalten sind verstopfte Einläufe, Rohre und Durchlässe, Treibgut, Rückstau und Austritt aus dem Kanalnetz, Grundwasser, parkende Fahrzeuge, Zäune und Gartenmauern, Tore, Keller und Tiefgaragen. Bordsteine und Mauern, die schmaler als eine Zelle sind, wirken nur, wo sie als Linie angegeben sind. Maßgeblich ist das Gelände mit dem Stand der Quelle; was seither gebaut wurde, fehlt. Wo Durchlässe, Gräben oder Keller fehlen, sind Tiefen eher zu groß. Die Karten sind ein Hinweis, wo genauer hinzusehen ist; sie ersetzen keine Ortsbegehung und keinen Nachweis.
report-credits-sun = Klassen der Sonne: DIN EN 17037.
report-credits-flood = Klassen des Wassers: LUBW, LAWA und BfG, Defra FD2320.

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
report-credits = Farben: Scientific colour maps (F. Crameri, MIT), cividis (CC0). Schrift: IBM Plex Sans (OFL 1.1).
report-provenance = Nachvollziehbarkeit
report-provenance-text = Dieselben Eingaben und dieselbe Programmversion geben dieselben Ergebnisdateien, Byte für Byte. Die Prüfsummen (BLAKE3) der Eingaben stehen hier, die der Ergebnisse in provenance.json.
report-program = Programm
report-scenario-file = Szenario
report-scenario-hash = Prüfsumme des Szenarios
report-seed = Startwert für Zufallszahlen
report-annex = Anhang
report-annex-caption = { $variant }, { $date }: Fassaden { $from } bis { $to }. Alle stehen in { $file }.
phase-write = Ergebnisse schreiben
report-wind-tables = Wind: Nutzungen und Klima
report-wind-scope = Überschlägige Abschätzung des mittleren Windes in Bodennähe bei neutraler Schichtung. Sie ersetzt kein Windgutachten (Windkanal oder LES). Nachläufe, Höfe und die Umgebung von Türmen, die ihre Nachbarn um mehr als das Anderthalbfache überragen, sind am unsichersten.
report-wind-state = Stand
report-wind-use = { $use } ({ $activity }): { $after } nach NEN 8100.
report-wind-use-unchanged = { $use } ({ $activity }): wie bisher { $after } nach NEN 8100.
report-wind-use-changed = { $use } ({ $activity }): bisher { $before }, künftig { $after } nach NEN 8100.
report-wind-use-unjudged = { $use }: kein Urteil, weil es für weniger als die Hälfte der Fläche möglich ist.
report-wind-strolling = Auf { $after } der beurteilten Fläche ist es zum Schlendern zu windig (NEN 8100, Klassen D und E).
report-wind-strolling-change = Der Anteil der beurteilten Fläche, auf dem es zum Schlendern zu windig ist (NEN 8100, Klassen D und E), ändert sich von { $before } auf { $after }.
report-wind-hours = Im Mittel der beurteilten Fläche weht es in { $after } der Stunden stärker als 5 m/s.
report-wind-hours-change = Im Mittel der beurteilten Fläche weht es künftig in { $after } der Stunden stärker als 5 m/s (bisher { $before }).
report-wind-risk = Windgefahr (mehr als 15 m/s in mindestens 0,05 % der Stunden) besteht auf { $after } der beurteilten Fläche.
report-wind-risk-change = Windgefahr (mehr als 15 m/s in mindestens 0,05 % der Stunden) besteht auf { $after } der beurteilten Fläche (bisher { $before }).
report-wind-speed = Bei Wind aus { $deg }° weht es im Mittel der Karte mit { $mean }, höchstens mit { $most }.
report-wind-speed-reference = Bei Wind aus { $deg }°, der mit { $reference } in { $height } Höhe anströmt, weht es im Mittel der Karte mit { $mean }, höchstens mit { $most }.
report-wind-caption-difference = Wo sich der Anteil der Stunden mit mehr als 5 m/s ändert. Blau: ruhiger als im Bestand, rot: windiger; ohne Farbe: Änderung unter einem halben Prozentpunkt. Schraffiert: kein Urteil.
report-wind-caption-comfort = { $variant }: Windkomfort nach NEN 8100. A bis C sind zum Gehen, A und B zum Schlendern, A zum langen Sitzen geeignet. Schraffiert: kein Urteil.
report-wind-caption-danger = { $variant }: Windgefahr nach NEN 8100. Schraffiert: kein Urteil.
report-wind-caption-lawson = { $variant }: Windkomfort nach Lawson (LDDC). Schraffiert: kein Urteil.
report-wind-caption-speed = { $variant }: { $title }. Die Pfeile zeigen, wohin er weht.
report-wind-caption-zone = { $variant }: was den Wind bestimmt, von welchem Teil der Strömung um die Gebäude jede Stelle erfasst wird.
report-wind-caption-other = { $variant }: { $title }.
report-map-wind-arrows = Windrichtung: ab 0,5, ab 2 und ab 4 m/s
report-wind-uses-caption = Flächen mit Nutzung. Urteil nach NEN 8100 für das windigste Zwanzigstel der Fläche; Anteile der Fläche, für die ein Urteil möglich ist
report-wind-rose-caption = Woher und wie oft es an der Station weht; die Ringe haben gleichen Abstand, die Zahl gilt für den äußersten.
report-wind-sector = aus { $deg }°: { $frequency }, im Mittel { $speed }
report-indicators-matched-wind = Änderung: auf den n Zellen, die es im Bestand und in der Variante gibt. Boden, den die Variante bebaut oder freigibt, steht nur in ihren Werten.
report-method-wind = Das Rechengebiet besteht aus Zellen, die Gebäude und Gelände ganz oder teilweise füllen. Für jede Windrichtung werden um jeden Baukörper Zonen mit bekannter Strömung gesetzt (Stau, Wirbel, Nachlauf, Straßenschlucht, Ecken, Fallwind; nach Röckle 1990 mit eigenen Ergänzungen). Danach wird das Feld so wenig wie möglich geändert, bis in jede Zelle so viel Luft hinein- wie herausströmt. Häuser, die sich berühren und ähnlich hoch sind, gelten als ein Baukörper mit flachem Dach in mittlerer Höhe; für den Raum, den sie füllen, zählt die wirkliche Dachform.
report-method-wind-comfort = Für jede Stelle ergibt das Verhältnis ihres Windes zu dem der Station, mit den Weibull-Verteilungen der Sektoren, wie oft welche Geschwindigkeit überschritten wird. Zwischen Station und Ort vermittelt das logarithmische Windgesetz bis 60 m Höhe (Wieringa). Klassen: NEN 8100 nach der mittleren Geschwindigkeit, Lawson (LDDC) und City of London nach dem größeren von ihr und dem böenäquivalenten Mittel, Gefahr getrennt; ihre Grenzen sind nach verbreiteter Darstellung angegeben und vor einem rechtlichen Gebrauch in der Norm zu prüfen. Es sind nicht die Klassen der VDI 3787 Blatt 4. Gefahr folgt aus dem Ende der Verteilung, nicht aus gezählten Stunden.
report-method-wind-limits = Schraffiert und ohne Klasse bleiben Stellen, die näher als zwei Zellen an einer Wand (auch am Fuß einer Kai- oder Stützmauer, und auf deren Kante) oder näher als drei Gebäudehöhen am Rand des Rechengebiets liegen. Bäume zählen nur, wenn es unter „Verfahren“ steht. Nicht enthalten sind Durchgänge und offene Erdgeschosse, Vordächer, Fahrzeuge, Windschutz, thermische Winde, einzelne Böen und der Wechsel der Richtung. Gewässer stehen mindestens auf dem angegebenen Wasserstand. Für Zellen, deren Mitte über Kopfhöhe liegt, folgt der Wert aus dem Wandgesetz.
report-wind-caption-tiers = { $variant }: { $title }. Wo beide Verfahren weit auseinander liegen, ist das Ergebnis unsicher.
report-method-wind-tier-2 = Stufe 2 rechnet vom Feld der Stufe 1 an Impuls und Turbulenz in kleinen Schritten weiter, bis sich der Wind nicht mehr ändert: stationäre RANS-Gleichungen mit dem k-epsilon-Modell, logarithmischen Wandgesetzen und einem Zuschlag für das langsame Pendeln der Nachläufe. Die Karte „was den Wind bestimmt“ zeigt weiter die Zonen der Stufe 1. Wo beide Stufen weit auseinander liegen, ist das Ergebnis unsicher.
