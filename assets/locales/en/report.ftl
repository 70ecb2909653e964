# Report and maps.
report-less-sun = less sun
report-more-sun = more sun
report-shallower = shallower
report-deeper = deeper
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

report-indicators = Key figures
report-indicators-caption = Baseline and variants in the area of the study
report-indicators-matched = Change: on the n facades (of unchanged buildings) or n cells of the ground that exist in both baseline and variant. A variant’s own facades, and ground that it builds on or clears, are in its values only; so the change is not the difference of the two columns.
report-indicator = Key figure
report-percentage-points = percentage points

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
report-credits = Colours: Scientific colour maps (F. Crameri, MIT), cividis (CC0). Font: IBM Plex Sans (OFL 1.1). Classes: EN 17037.
report-provenance = Provenance
report-provenance-text = The same inputs and the same program version give the same result files, byte for byte. Hashes (BLAKE3) of the inputs are listed here, those of the results in provenance.json.
report-program = Program
report-scenario-file = Scenario
report-scenario-hash = Hash of the scenario
report-seed = Seed of random numbers
report-annex = Annex
report-annex-caption = { $variant }, { $date }: facades { $from } to { $to }. All of them are in { $file }.
phase-write = Writing results
