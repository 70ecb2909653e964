# Sun hours: quantities, planes, indicators, tables, method.
quantity-sun-hours = Sun hours
quantity-sun-hours-with-trees = Sun hours with trees
quantity-sun-hours-en17037 = Sun hours after EN 17037
plane-ground = on the ground
plane-facade = on the facade
plane-roof = on the roof
class-en17037-below = below minimum
class-en17037-minimum = minimum
class-en17037-medium = medium
class-en17037-high = high
yes = yes
no = no
trees-ignored = are left out, as is usual with EN 17037

table-facades = Facades
table-buildings = Buildings
table-receivers = Own points
column-id = Id
column-building = Building
column-surface = Surface (id)
column-azimuth = Direction
column-area = Area
column-points = Points
column-best-minutes-en17037 = Sun at the best point after EN 17037
column-class-en17037 = Class after EN 17037
column-best-minutes = Sun at the best point
column-mean-minutes = Sun, mean of the points
column-best-intervals = Times at the best point
column-draft = Draft
column-height = Height
column-height-assumed = Height assumed
column-facades = Facades
column-facades-below = Facades below minimum
column-minutes = Sun
column-minutes-en17037 = Sun after EN 17037
column-intervals = Times

indicator-ground-mean = Sun hours on the ground, mean
indicator-ground-two-hours = Ground with at least 2 h of sun
indicator-facade-best-mean = Sun hours at the best point, mean of the facades
indicator-facades-minimum = Facades of class minimum or better
indicator-facades-medium = Facades of class medium or better
indicator-facades-high = Facades of class high

method-sun-position = Solar position
method-sun-site = Place
method-sun-grid-north = Grid north against true north
method-sun-time-zone = Civil time
method-sun-step = Time step
method-sun-min-elevation = Sun elevation from which EN 17037 counts
method-sun-storey-height = Assumed storey height
method-sun-height-above-floor = Height of facade points above the floor
method-sun-spacing = Distance of points, ground / facade / roof
method-sun-receivers = Points, ground / facade / roof
method-sun-triangles = Triangles that cast shadows
method-sun-trees = Trees

phase-sun-prepare = Sorting the city model for sight lines
phase-sun-receivers = Placing points on ground, facades and roofs
phase-sun-ground = Sun on the ground
phase-sun-facades = Sun on facades and roofs

finding-sun-no-rule-day = None of the days lies between 1 February and 21 March; EN 17037 is not judged.
finding-sun-coarse = Coarse preview with time steps of { $step_s } s and doubled distances of points.
finding-sun-assumed-heights = { $count } buildings have an assumed height; their shadow is as uncertain as this assumption.
finding-sun-no-terrain = Without terrain the ground lies at the foot of the buildings; slopes and banks cast no shadow.
finding-sun-receivers = { $count } own points, of which { $dark } get no sun at all on the first day.
