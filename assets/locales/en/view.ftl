# Picture of the city in the window.
view-quality-software = Picture without a graphics card: edges not smoothed, shadows coarser and not in motion
