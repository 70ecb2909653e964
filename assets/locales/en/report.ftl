# Report and maps.
report-less-sun = less sun
report-more-sun = more sun
report-shallower = shallower
report-deeper = deeper
report-calmer = calmer
report-windier = windier
report-slower = slower
report-faster = faster
report-less-danger = less danger
report-more-danger = more danger
report-shorter = shorter
report-longer = longer
report-class-below = below { $upper } { $unit }
report-class-between = { $lower } to under { $upper } { $unit }
report-class-from = { $lower } { $unit } and more
report-removed = removed
report-sources = Sources
report-origin-unknown = origin not stated: { $path }
report-stamp = Planspiel { $version } · scenario { $hash }
report-map-flood-wall = flood wall
report-map-mobile-barrier = mobile barrier
report-map-breach = breach
report-map-arrows = Flow direction at the largest speed: from 0.2, 0.5 and 2 m/s
report-map-draft = draft or change
report-map-removed = removed
report-map-difference = Change
report-map-minus = { $variant } minus { $baseline }
report-map-best-point = Best point of the facade
report-map-best-point-change = Change at the best point of the facade

report-kicker = Planspiel · Report
report-days = Days studied
report-city = City model
report-variants = Variants
report-coarse = This report shows a coarse preview with wider spacing and longer time steps. Please run the exact study before deciding.
report-question = What was asked
report-baseline-only = The baseline is studied; no variants are given.
report-answer = Answer
report-edit-add-building = new building { $id }, { $height } high
report-edit-place = draft { $id } from { $draft }
report-edit-remove = { $id } is removed
report-edit-set-height = { $id } becomes { $height } high
report-edit-move = { $id } is moved: east { $east }, north { $north }, up { $up }, turned { $turn }
report-edit-add-tree = new tree { $id }, { $height } high
report-edit-flood-wall = flood wall { $id }, { $height } above ground
report-edit-flood-wall-level = flood wall { $id } up to { $height } above datum
report-edit-mobile-barrier = mobile barrier { $id }, { $height } above ground
report-edit-mobile-barrier-level = mobile barrier { $id } up to { $height } above datum
report-edit-breach = breach { $id }, { $width } wide, from { $start }
report-edit-terrain-level = terrain { $id } to { $height } above datum
report-edit-terrain-by = terrain { $id } by { $height }
report-edit-green-roof = { $id } gets a green roof that holds { $depth } of rain

report-indicators = Key figures
report-indicators-caption = Baseline and variants in the area of the study
report-indicators-matched = Change: on the n facades (of unchanged buildings) or n cells of the ground that exist in both baseline and variant. A variant’s own facades, and ground that it builds on or clears, are in its values only; so the change is not the difference of the two columns.
report-indicator = Key figure
report-percentage-points = percentage points
report-percentage-points-short = pp

report-maps = Maps
report-figure = Fig.
report-caption-ground-baseline = Baseline: sun hours on the ground.
report-caption-ground-variant = { $variant }: sun hours on the ground.
report-caption-ground-difference = Where sun on the ground changes. Blue: less sun than in the baseline, red: more sun, light grey: unchanged.
report-caption-walls-baseline = Baseline: best point of each facade.
report-caption-walls-variant = { $variant }: best point of each facade.
report-caption-walls-difference = Where sun on the facades changes, at the best point of each facade. Blue: less sun than in the baseline, red: more sun, light grey: unchanged.
report-alt-values = Map: { $title }, { $variant }. Values from { $low } to { $high }, middle value { $middle }.
report-alt-difference = Map of the change: { $title }, { $variant } against the baseline. Changes from { $low } to { $high }, middle value { $middle }.

report-facade = facade
report-facade-n = north facade
report-facade-ne = north-east facade
report-facade-e = east facade
report-facade-se = south-east facade
report-facade-s = south facade
report-facade-sw = south-west facade
report-facade-w = west facade
report-facade-nw = north-west facade
report-facades = Facades
report-facades-intro = Each facade is judged by its best point. This is no verdict on a dwelling: windows and floor plans are not part of the model.
report-facades-losses = Largest losses first; sun time at the best point of the facade
report-facades-least = Facades looking east, south or west with the least sun at their best point
report-facades-no-loss = No facade loses a minute of sun or more at its best point.
report-facades-more = { $count ->
    [one] One more facade is listed in { $file }.
   *[other] { $count } more facades are listed in { $file }.
}
report-facades-new = { $count ->
    [one] New facade of the variant
   *[other] New facades of the variant ({ $count })
}
report-class-chart = Number of facades per class of EN 17037, judged at the best point.
report-strips-rule = At these times the sun reaches the best point of the facade and stands high enough for EN 17037.
report-strips = At these times the sun reaches the best point of the facade.
report-strip-axis = Time of day ({ $zone })
report-column-building = Building
report-column-facade = Facade
report-column-area = Area
report-column-before = Baseline
report-column-after = Variant
report-column-change = Change
report-column-class-before = Class in the baseline
report-column-class-after = Class in the variant
report-column-best = Best point
report-column-class = Class
report-mark-draft = draft
report-mark-assumed = assumed height
report-column-below = of these below 1.5 h
report-buildings-caption = { $variant }, { $date }: drafts and buildings whose class changes, largest losses first; sun and class at the best point of all facades
report-buildings-more = { $count ->
    [one] One more building is listed in { $file }.
   *[other] { $count } more buildings are listed in { $file }.
}
report-receivers-caption = { $variant }, { $date }: sun at your own points, in the order of the file
report-receivers = { $variant }: { $count } own points; minutes and times are listed in { $file }.

report-sun-scope = Each facade is judged by its best point. This is no verdict on dwellings and does not replace an expert report. EN 17037 is a recommendation, not a legal limit.
report-sun-lowered = { $count ->
    [0] On { $date } none of the { $total } facades compared falls into a lower class of EN 17037.
    [one] On { $date } one of the { $total } facades compared falls into a lower class of EN 17037.
   *[other] On { $date } { $count } of the { $total } facades compared fall into a lower class of EN 17037.
}
report-sun-below = { $count ->
    [0] None of them loses the minimum recommendation of 1.5 h.
    [one] One of them no longer reaches the minimum recommendation of 1.5 h.
   *[other] { $count } of them no longer reach the minimum recommendation of 1.5 h.
}
report-sun-raised = { $count ->
    [one] One facade rises into a higher class.
   *[other] { $count } facades rise into a higher class.
}
report-sun-lost = { $count ->
    [0] On { $date } none of the { $total } facades compared loses { $minutes } of sun or more at its best point.
    [one] On { $date } one of the { $total } facades compared loses { $minutes } of sun or more at its best point.
   *[other] On { $date } { $count } of the { $total } facades compared lose { $minutes } of sun or more at their best point.
}
report-sun-worst = The { $facade } of { $building } loses most: { $loss } at its best point (so far { $before }, then { $after }).
report-sun-ground = On the ground { $lost } lose at least { $minutes } of sun, { $gained } gain as much.
report-sun-baseline = { $count ->
    [one] On { $date } one of { $total } facades ({ $share }) reaches the minimum recommendation of EN 17037 of 1.5 h at its best point.
   *[other] On { $date } { $count } of { $total } facades ({ $share }) reach the minimum recommendation of EN 17037 of 1.5 h at their best point.
}
report-sun-baseline-mean = On { $date } the sun reaches the best points of the { $total } facades for { $mean } on average.
report-sun-baseline-ground = It reaches the ground for { $mean } on average.

report-sun = Sun
report-flood = Water
report-flood-event = Event
report-flood-tables = Water at buildings and on streets
report-flood-peak = peak { $level } above datum
report-flood-scope = This is an assumed event, not weather that was forecast. In places the water may stand higher or lower; what is missing is listed under “Method and limits”.
report-flood-baseline = { $count ->
    [0] At none of { $total } buildings does the water stand 10 cm high or higher at the facade ({ $event }).
    [one] At one of { $total } buildings the water stands at least 10 cm high at the facade ({ $event }).
   *[other] At { $count } of { $total } buildings the water stands at least 10 cm high at the facade ({ $event }).
}
report-flood-deepest = It is deepest at { $building }: { $depth }.
report-flood-area = More than 10 cm of water stand on { $area } of ground.
report-flood-area-event = More than 10 cm of water stand on { $area } of ground ({ $event }).
report-flood-streets = { $car } of street are closed to cars for some time, { $ambulance } to ambulances too.
report-flood-streets-free = All streets stay open to cars.
report-flood-changed = { $after ->
    [0] At no building does the water stand 10 cm high or higher at the facade, before at { $before } ({ $event }).
    [one] At one instead of { $before } buildings the water stands at least 10 cm high at the facade ({ $event }).
   *[other] At { $after } instead of { $before } buildings the water stands at least 10 cm high at the facade ({ $event }).
}
report-flood-unchanged = { $after ->
    [0] At no building does the water stand 10 cm high or higher at the facade, as in the baseline ({ $event }).
    [one] At one building the water stands at least 10 cm high at the facade, as many as in the baseline ({ $event }).
   *[other] At { $after } buildings the water stands at least 10 cm high at the facade, as many as in the baseline ({ $event }).
}
report-flood-buildings-change = { $lower ->
    [0] At no building does the highest level fall by 5 cm or more,
    [one] At one building the highest level falls by 5 cm or more,
   *[other] At { $lower } buildings the highest level falls by 5 cm or more,
} { $higher ->
    [0] at none does it rise by as much.
    [one] at one it rises by as much.
   *[other] at { $higher } it rises by as much.
}
report-flood-best = It falls most at { $building }: from { $before } to { $after }.
report-flood-worst = It rises most at { $building }: from { $before } to { $after }.
report-flood-area-change = The area with more than 10 cm of water changes from { $before } to { $after }.
report-flood-area-change-event = The area with more than 10 cm of water changes from { $before } to { $after } ({ $event }).
report-flood-streets-change = Closed for some time are { $car_after } of street to cars (before: { $car_before }) and { $ambulance_after } to ambulances (before: { $ambulance_before }).
report-flood-caption-difference = Where the highest water level changes. Blue: shallower than in the baseline, red: deeper; no colour: change below 1 cm.
report-flood-caption-depth = { $variant }: largest depth that each cell reaches during the event. Below 3 cm the map has no colour; bodies of water are not coloured.
report-flood-caption-speed = { $variant }: largest flow speed. The arrows show where the water runs to at that time.
report-flood-caption-hazard = { $variant }: hazard to people from depth and speed.
report-flood-caption-sinks = Sinks of the dry ground, without rain and sewers: a hint where water can gather.
report-flood-caption-paths = Flow paths of the dry ground by the size of their catchment: a hint where water runs.
report-flood-caption-other = { $variant }: { $title }.
report-flood-class-chart = Number of buildings by the largest water depth at the facade.
report-flood-no-building = At no building does the water stand 10 cm high or higher.
report-flood-buildings-caption = Buildings with 10 cm of water or more at the facade, the deepest first
report-flood-buildings-caption-change = Buildings with 10 cm of water or more in the baseline or the variant, the largest changes first; level, speed and classes are those of the variant
report-flood-streets-caption = Streets with more than 10 cm of water, the deepest first; closed: from the first to the last time without passage after the start of the event
report-flood-gauges-caption = Water depth at the gauges after the start of the event.
report-flood-ledger-caption = Where the water came from and where it went; in and out are equal but for the error
report-flood-sinks-caption = Sinks of the dry ground by volume; easting and northing of the deepest place
report-flood-limits = Passage up to { $car } of water for cars, { $bus } for city buses, { $ambulance } for ambulances: assumptions from practice, no standard. Between two computed times the deeper state counts.
report-flood-more = { $count ->
    [one] One more row is in { $file }.
   *[other] { $count } more rows are in { $file }.
}
report-flood-passable = open
report-flood-blocked-from = from { $from }
report-flood-column-depth = Largest depth
report-flood-column-level = Highest level above datum
report-flood-column-speed = Speed
report-flood-column-arrival = Arrival
report-flood-column-hazard = Hazard
report-flood-column-street = Street
report-flood-column-length = Length above 10 cm
report-flood-column-car = Closed to cars
report-flood-column-bus = Closed to buses
report-flood-column-ambulance = Closed to ambulances
report-flood-column-place = Easting / northing
report-indicators-matched-flood = Change: on the n buildings, streets or cells that exist in the baseline and in the variant. New buildings of the variant and ground that it builds on or clears are in its values only.
report-method-flood = The water is computed on a grid of square cells in small time steps. Each cell has a ground height, a roughness and, where given, infiltration and a sewer. What runs over an edge is taken from one cell and given to the other; so no water is lost, and the balance is exact but for rounding.
report-method-flood-maps = The maps show for each cell the largest value of the whole event. These values do not occur everywhere at the same time. Roofs and bodies of water that hold water from the start are not coloured and do not count as flooded area. A building or bridge that stands wholly in water from the start does not count as affected.
report-method-flood-classes = Classes of depth and speed as in the heavy-rain hazard maps of Baden-Württemberg (LUBW), for floods as in the German national flood depths. Hazard: depth times (speed + 0.5 m/s) after Defra FD2320, without an allowance for debris. At buildings the largest value of the cells along the facade counts; whether water enters depends on thresholds, cellar windows and light wells, which the model does not know.
report-method-flood-limits = A real event runs differently from the assumed one: rain falls unevenly, the soil is wetter or drier. Not included are blocked inlets, pipes and culverts, debris, backwater and overflow of the sewer network, groundwater, parked vehicles, fences and garden walls, gates, cellars and underground car parks. Kerbs and walls thinner than a cell act only where they are given as a line. The ground is that of the date of its source; what was built since is missing. Where culverts, ditches or cellars are missing, depths tend to be too large. The maps show where to look more closely; they replace neither a site visit nor a proof.
report-credits-sun = Classes of the sun: DIN EN 17037.
report-credits-flood = Classes of the water: LUBW, LAWA and BfG, Defra FD2320.

report-findings = Remarks on data and result
report-findings-none = There are no remarks.
report-findings-intro = The result stands; whoever uses it should know these properties of the data.
report-findings-caption = Warnings first, one line per kind
report-finding-kind = Kind
report-finding-count = Count
report-finding-text = Remark
report-finding-objects = Concerns:
report-finding-all = all
report-severity-warning = Warning
report-severity-info = Note
report-assumed = Assumed heights
report-assumed-text = { $count ->
    [one] For one of { $total } buildings the source gives no height; it is assumed. Shadows of this building are as uncertain as this height.
   *[other] For { $count } of { $total } buildings the source gives no height; it is assumed. Shadows of these buildings are as uncertain as this height.
}
report-assumed-height = { $count } with { $height }
report-method = Method and limits
report-method-sun = For each point and each time step of the day it is tested whether the line to the centre of the sun is free: against the triangles of all buildings and the terrain, without rasterising them. The sky is taken as cloudless. A minute counts when the sun is visible at its middle.
report-method-sun-rule = EN 17037 judges one day between 1 February and 21 March: minimum from 1.5 h, medium from 3 h, high from 4 h of direct sun; in Germany only sun at least 11° high counts. The points lie on the outer face of the wall. The standard asks for a point on the inner face of the outer wall in the middle of the window; the reveal shortens the time there.
report-method-sun-limits = Not in the model: windows, dwellings, reveals, balconies and eaves unless the city model has them, reflections, weather. An error of 1 m in a height of the city model lengthens or shortens a shadow at noon on 21 March by about 1.3 m. North on the maps is grid north.
report-sources-caption = Data that make up the city model
report-source-layer = Layer
report-source-origin = Origin
report-source-licence = Licence
report-source-date = Date
report-source-format = Format and reference system
report-source-objects = Objects
report-credits = Colours: Scientific colour maps (F. Crameri, MIT), cividis (CC0). Font: IBM Plex Sans (OFL 1.1).
report-provenance = Provenance
report-provenance-text = The same inputs and the same program version give the same result files, byte for byte. Hashes (BLAKE3) of the inputs are listed here, those of the results in provenance.json.
report-program = Program
report-scenario-file = Scenario
report-scenario-hash = Hash of the scenario
report-seed = Seed of random numbers
report-annex = Annex
report-annex-caption = { $variant }, { $date }: facades { $from } to { $to }. All of them are in { $file }.
phase-write = Writing results
report-wind-tables = Wind: uses and climate
report-wind-scope = A screening estimate of the mean wind near the ground in neutral air. It does not replace a wind study (wind tunnel or LES). Wakes, courtyards and the surroundings of towers that exceed their neighbours by more than half are the most uncertain.
report-wind-state = State
report-wind-use = { $use } ({ $activity }): { $after } after NEN 8100.
report-wind-use-unchanged = { $use } ({ $activity }): { $after } after NEN 8100, as before.
report-wind-use-changed = { $use } ({ $activity }): { $before } so far, { $after } in future after NEN 8100.
report-wind-use-unjudged = { $use }: no verdict, as less than half of the area can be judged.
report-wind-strolling = On { $after } of the judged area it is too windy for strolling (NEN 8100, classes D and E).
report-wind-strolling-change = The share of the judged area on which it is too windy for strolling (NEN 8100, classes D and E) changes from { $before } to { $after }.
report-wind-hours = On average over the judged area the wind exceeds 5 m/s in { $after } of the hours.
report-wind-hours-change = On average over the judged area the wind will exceed 5 m/s in { $after } of the hours (so far { $before }).
report-wind-risk = There is wind danger (more than 15 m/s in at least 0.05 % of the hours) on { $after } of the judged area.
report-wind-risk-change = There is wind danger (more than 15 m/s in at least 0.05 % of the hours) on { $after } of the judged area (so far { $before }).
report-wind-speed = In wind from { $deg }° it blows at { $mean } on average over the map, at most at { $most }.
report-wind-speed-reference = In wind from { $deg }° that arrives with { $reference } at a height of { $height }, it blows at { $mean } on average over the map, at most at { $most }.
report-wind-caption-difference = Where the share of hours with more than 5 m/s changes. Blue: calmer than the existing state, red: windier; without colour: less than half a percentage point. Hatched: no verdict.
report-wind-caption-comfort = { $variant }: wind comfort after NEN 8100. A to C are suitable for walking, A and B for strolling, A for sitting long. Hatched: no verdict.
report-wind-caption-danger = { $variant }: wind danger after NEN 8100. Hatched: no verdict.
report-wind-caption-lawson = { $variant }: wind comfort after Lawson (LDDC). Hatched: no verdict.
report-wind-caption-speed = { $variant }: { $title }. Arrows show where it blows to.
report-wind-caption-zone = { $variant }: what makes the wind, which part of the flow around the buildings reaches each place.
report-wind-caption-other = { $variant }: { $title }.
report-map-wind-arrows = Wind direction: from 0.5, 2 and 4 m/s
report-wind-uses-caption = Areas with a use. Verdict after NEN 8100 for the windiest twentieth of the area; shares of the area that can be judged
report-wind-rose-caption = From where and how often the wind blows at the station; the rings are equally far apart, the number is that of the outermost one.
report-wind-sector = from { $deg }°: { $frequency }, { $speed } on average
report-indicators-matched-wind = Change: on the n cells that both the existing state and the variant have. Ground that the variant builds on or frees counts in its own values only.
report-method-wind = The domain consists of cells that buildings and ground fill wholly or partly. For each wind direction zones of known flow are set around each block (displacement, recirculation, wake, street canyon, corners, downwash; after Röckle 1990 with additions of our own). Then the field is changed as little as possible until as much air enters each cell as leaves it. Houses that touch and are about equally high are one block with a flat roof of mean height; for the space that they fill their true roofs count.
report-method-wind-comfort = For each place the ratio of its wind to that of the station, with the Weibull distributions of the sectors, tells how often which speed is exceeded. The logarithmic law up to a height of 60 m leads from the station to the site (Wieringa). Classes: NEN 8100 by the mean speed, Lawson (LDDC) and City of London by the larger of it and the gust-equivalent mean, danger apart; their limits are those commonly published and must be checked in the standard before legal use. They are not the classes of VDI 3787 part 4. Danger follows from the tail of the distribution, not from counted hours.
report-method-wind-limits = Places within two cells of a wall (also at the foot of a quay or retaining wall, and on its edge) or within three building heights of the edge of the domain are hatched and have no class. Trees count only where the method says so. Not included are passages and open ground floors, canopies, vehicles, wind screens, thermal winds, single gusts and the change of directions. Waters stand at the given level at least. In cells whose middle lies above head height the value follows from the law of the wall.
report-wind-caption-tiers = { $variant }: { $title }. Where both methods are far apart the result is uncertain.
report-method-wind-tier-2 = Tier 2 goes on from the field of tier 1 with momentum and turbulence in small steps until the wind does not change any more: steady RANS equations with the k-epsilon model, logarithmic laws at walls, and an addition for the slow swinging of wakes. The map of what makes the wind still shows the zones of tier 1. Where both tiers are far apart the result is uncertain.
