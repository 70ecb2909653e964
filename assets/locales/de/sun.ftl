# Sonnenstunden.
quantity-sun-hours = Besonnungsdauer
quantity-sun-hours-en17037 = Besonnungsdauer nach DIN EN 17037
plane-ground = am Boden
plane-facade = an der Fassade
plane-roof = auf dem Dach
table-facades = Fassaden
table-buildings = Gebäude
table-receivers = Eigene Punkte
