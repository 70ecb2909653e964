# Report and maps.
report-less-sun = less sun
report-more-sun = more sun
report-class-below = below { $upper } { $unit }
report-class-between = { $lower } to under { $upper } { $unit }
report-class-from = { $lower } { $unit } and more
report-removed = removed
report-sources = Sources
report-origin-unknown = origin not stated: { $path }
report-stamp = Planspiel { $version } · scenario { $hash }
report-map-draft = draft or change
report-map-removed = removed
report-map-difference = Change
report-map-minus = { $variant } minus { $baseline }
report-map-best-point = Best point of the facade
report-map-best-point-change = Change at the best point of the facade
