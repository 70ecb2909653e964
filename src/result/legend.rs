//! Legends: classes from `assets/legends.csv` and continuous colour maps from `assets/colormaps.csv`.
