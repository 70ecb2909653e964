//! What an importer hands over: objects as the file has them, in the CRS of the file, in f64.

use crate::finding::Finding;
use crate::geo::Crs;

use super::{BuildingAttributes, LandCoverKind, LayerSource, SurfaceKind};

/// Everything one file gave.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// CRS that the file declares; `None` when it declares none.
    pub crs: Option<Crs>,
    /// Buildings with faces.
    pub buildings: Vec<RawBuilding>,
    /// Footprints to be extruded.
    pub footprints: Vec<RawFootprint>,
    /// Ground heights.
    pub terrain: Option<RawTerrain>,
    /// Height (m) of the level ground of a model, for a city without terrain.
    pub ground_plane_m: Option<f64>,
    /// Trees.
    pub trees: Vec<RawTree>,
    /// Streets.
    pub streets: Vec<RawStreet>,
    /// Land cover.
    pub land_cover: Vec<RawLandCover>,
    /// Skipped and doubtful objects.
    pub findings: Vec<Finding>,
    /// Origin of the layer; `blake3`, `path` and `crs` are filled in by the loader.
    pub source: Option<LayerSource>,
    /// BLAKE3 of the file and of those that belong to it, hex, where it is not one file.
    pub blake3: Option<String>,
}

/// A building as delivered.
#[derive(Clone, Debug, Default)]
pub struct RawBuilding {
    /// gml:id or CityJSON key.
    pub id: String,
    /// Attributes.
    pub attributes: BuildingAttributes,
    /// Parts with geometry; a building without parts has one with its own id.
    pub parts: Vec<RawPart>,
    /// `file:line` where the importer knows it.
    pub place: Option<String>,
}

/// A part as delivered: one geometry only (Solid before MultiSurface, highest level of detail).
#[derive(Clone, Debug, Default)]
pub struct RawPart {
    /// Id.
    pub id: String,
    /// Attributes.
    pub attributes: BuildingAttributes,
    /// Level of detail, e.g. `2`.
    pub lod: String,
    /// True for a balcony, chimney, dormer and the like: it need not be closed.
    pub installation: bool,
    /// Faces.
    pub polygons: Vec<RawPolygon>,
}

/// A face as delivered.
#[derive(Clone, Debug, Default)]
pub struct RawPolygon {
    /// gml:id.
    pub id: Option<String>,
    /// Meaning; `None` where the source names none (then slope decides).
    pub kind: Option<SurfaceKind>,
    /// Exterior first, then holes: (easting, northing, height). The closing point may or may not be repeated.
    pub rings: Vec<Vec<[f64; 3]>>,
}

/// A footprint that becomes a flat-roofed block.
#[derive(Clone, Debug, Default)]
pub struct RawFootprint {
    /// Id.
    pub id: String,
    /// Attributes; `measured_height_m` or `assumed_height_m` gives the height.
    pub attributes: BuildingAttributes,
    /// Height of the ground (m) if the source has one; else the terrain decides.
    pub base_height_m: Option<f64>,
    /// Exterior first, then holes: (easting, northing).
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// Ground heights as delivered.
#[derive(Clone, Debug)]
pub enum RawTerrain {
    /// Regular raster of cell-centre heights; `west`/`north` are the outer edges of the first cell.
    Raster {
        /// Easting of the western edge (m).
        west: f64,
        /// Northing of the northern edge (m).
        north: f64,
        /// Cell size (m).
        cell_m: f64,
        /// Columns.
        cols: usize,
        /// `[rows][cols]`, row 0 in the north, NaN where unknown.
        heights: Vec<f32>,
    },
    /// Loose points, to be triangulated (Delaunay).
    Points(Vec<[f64; 3]>),
    /// A ready network.
    Tin {
        /// Corners.
        vertices: Vec<[f64; 3]>,
        /// Counter-clockwise seen from above.
        triangles: Vec<[u32; 3]>,
    },
}

/// A tree as delivered.
#[derive(Clone, Debug, Default)]
pub struct RawTree {
    /// Id.
    pub id: String,
    /// (easting, northing) or (longitude, latitude) as the CRS says.
    pub position: [f64; 2],
    /// Height of the foot (m), if given.
    pub foot_height_m: Option<f64>,
    /// Height (m).
    pub height_m: f64,
    /// Crown diameter (m).
    pub crown_diameter_m: f64,
    /// Genus or species.
    pub genus: Option<String>,
}

/// A street as delivered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawStreet {
    /// Id.
    pub id: String,
    /// Class, in OSM words.
    pub class: String,
    /// Name.
    pub name: Option<String>,
    /// Width (m), if given.
    pub width_m: Option<f64>,
    /// Points as the CRS says.
    pub line: Vec<[f64; 2]>,
}

/// A land cover polygon as delivered.
#[derive(Clone, Debug)]
pub struct RawLandCover {
    /// Id.
    pub id: String,
    /// Class.
    pub kind: LandCoverKind,
    /// Exterior first, then holes.
    pub rings: Vec<Vec<[f64; 2]>>,
}
