# Report and maps
