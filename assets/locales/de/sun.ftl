# Sonnenstunden: Größen, Ebenen, Kennzahlen, Tabellen, Verfahren.
quantity-sun-hours = Sonnenstunden
quantity-sun-hours-with-trees = Sonnenstunden mit Bäumen
quantity-sun-hours-en17037 = Sonnenstunden nach DIN EN 17037
plane-ground = am Boden
plane-facade = an der Fassade
plane-roof = auf dem Dach
class-en17037-below = unter Mindestempfehlung
class-en17037-minimum = gering
class-en17037-medium = mittel
class-en17037-high = hoch
yes = ja
no = nein
trees-ignored = bleiben unberücksichtigt, wie bei DIN EN 17037 üblich

table-facades = Fassaden
table-buildings = Gebäude
table-receivers = Eigene Punkte
column-id = Kennung
column-building = Gebäude
column-surface = Fläche (Kennung)
column-azimuth = Richtung
column-area = Fläche
column-points = Punkte
column-best-minutes-en17037 = Sonne am besten Punkt nach DIN EN 17037
column-class-en17037 = Klasse nach DIN EN 17037
column-best-minutes = Sonne am besten Punkt
column-mean-minutes = Sonne im Mittel der Punkte
column-best-intervals = Zeiten am besten Punkt
column-draft = Entwurf
column-height = Höhe
column-height-assumed = Höhe angenommen
column-facades = Fassaden
column-facades-below = Fassaden unter Mindestempfehlung
column-minutes = Sonne
column-minutes-en17037 = Sonne nach DIN EN 17037
column-intervals = Zeiten

indicator-ground-mean = Sonnenstunden am Boden, Mittel
indicator-ground-two-hours = Boden mit mindestens 2 h Sonne
indicator-facade-best-mean = Sonnenstunden am besten Punkt, Mittel der Fassaden
indicator-facades-minimum = Fassaden mit Klasse gering oder besser
indicator-facades-medium = Fassaden mit Klasse mittel oder besser
indicator-facades-high = Fassaden mit Klasse hoch

method-sun-position = Sonnenstand
method-sun-site = Ort
method-sun-grid-north = Gitternord gegen wahres Nord
method-sun-time-zone = Bürgerliche Zeit
method-sun-step = Zeitschritt
method-sun-min-elevation = Sonnenhöhe, ab der DIN EN 17037 zählt
method-sun-storey-height = Angenommene Geschosshöhe
method-sun-height-above-floor = Höhe der Fassadenpunkte über dem Fußboden
method-sun-spacing = Punktabstand Boden / Fassade / Dach
method-sun-receivers = Punkte Boden / Fassade / Dach
method-sun-triangles = Dreiecke, die Schatten werfen
method-sun-trees = Bäume

phase-sun-prepare = Stadtmodell für Sichtstrahlen ordnen
phase-sun-receivers = Punkte auf Boden, Fassaden und Dächer setzen
phase-sun-ground = Sonne am Boden
phase-sun-facades = Sonne an Fassaden und Dächern

finding-sun-no-rule-day = Keiner der Tage liegt zwischen dem 1. Februar und dem 21. März; DIN EN 17037 wird nicht beurteilt.
finding-sun-coarse = Grobe Vorschau mit Zeitschritten von { $step_s } s und doppelten Punktabständen.
finding-sun-assumed-heights = { $count } Gebäude haben eine angenommene Höhe; ihr Schatten ist so unsicher wie diese Annahme.
finding-sun-no-terrain = Ohne Gelände liegt der Boden in Höhe der Gebäudesohlen; Hänge und Böschungen werfen keinen Schatten.
finding-sun-receivers = { $count } eigene Punkte, davon { $dark } am ersten Tag ganz ohne Sonne.
