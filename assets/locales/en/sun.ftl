# Sun hours.
quantity-sun-hours = Sun hours
quantity-sun-hours-en17037 = Sun hours after EN 17037
plane-ground = on the ground
plane-facade = on the facade
plane-roof = on the roof
table-facades = Facades
table-buildings = Buildings
table-receivers = Own points
