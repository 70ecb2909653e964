//! Trees: a two-tone crown and a trunk; conifers as cones.

use std::collections::BTreeMap;
use std::f32::consts::{PI, TAU};

use bevy::math::Vec3;

use crate::city::Tree;
use crate::view::space::bevy_from_map;

use super::buildings::{TILE_M, TileKey};
use super::mesh_data::MeshData;

/// Corners around a crown.
const SIDES: usize = 8;
const TRUNK: [f32; 4] = [0.42, 0.37, 0.33, 0.75];
/// Crown colours from below to above, linear.
const SHADE: [f32; 3] = [0.46, 0.52, 0.40];
const LIGHT: [f32; 3] = [0.66, 0.71, 0.57];

/// Genera drawn as cones.
const CONIFERS: [&str; 9] = [
    "abies",
    "cedrus",
    "chamaecyparis",
    "larix",
    "metasequoia",
    "picea",
    "pinus",
    "pseudotsuga",
    "thuja",
];

/// Trees by tile, in the order of the city.
pub fn by_tile(trees: &[Tree]) -> BTreeMap<TileKey, Vec<&Tree>> {
    let mut tiles: BTreeMap<TileKey, Vec<&Tree>> = BTreeMap::new();
    for tree in trees {
        let key = (
            (tree.foot.x / TILE_M).floor() as i32,
            (tree.foot.y / TILE_M).floor() as i32,
        );
        tiles.entry(key).or_default().push(tree);
    }
    tiles
}

/// Meshes of some trees.
pub fn mesh_of<'a>(trees: impl IntoIterator<Item = &'a Tree>) -> MeshData {
    let mut mesh = MeshData::default();
    for tree in trees {
        add_tree(&mut mesh, tree);
    }
    mesh
}

fn is_conifer(tree: &Tree) -> bool {
    tree.genus.as_deref().is_some_and(|genus| {
        let genus = genus.to_lowercase();
        CONIFERS.iter().any(|c| genus.starts_with(c))
    })
}

fn add_tree(mesh: &mut MeshData, tree: &Tree) {
    let foot = bevy_from_map(tree.foot);
    let base = tree.crown_base_m() as f32;
    let top = tree.height_m as f32;
    let radius = 0.5 * tree.crown_diameter_m as f32;
    // A fixed turn per place, so that neighbouring crowns do not look stamped.
    let turn = (tree.foot.x * 0.7 + tree.foot.y * 1.3).rem_euclid(1.0) as f32 * TAU;
    add_trunk(
        mesh,
        foot,
        base + 0.3 * (top - base),
        (0.05 * radius).clamp(0.12, 0.5),
    );
    // (share of the crown height, share of the radius) from below to above
    let profile: &[(f32, f32)] = if is_conifer(tree) {
        &[(0.0, 0.75), (0.06, 1.0), (0.5, 0.52)]
    } else {
        &[(0.10, 0.58), (0.36, 0.97), (0.68, 0.86), (0.91, 0.42)]
    };
    add_crown(mesh, foot, base, top, radius, turn, profile);
}

fn add_trunk(mesh: &mut MeshData, foot: Vec3, height: f32, radius: f32) {
    let mut previous = None;
    for i in 0..=4 {
        let angle = i as f32 / 4.0 * TAU;
        let out = Vec3::new(angle.cos(), 0.0, angle.sin());
        let low = mesh.corner(foot + out * radius, out, TRUNK);
        let high = mesh.corner(foot + out * radius * 0.8 + Vec3::Y * height, out, TRUNK);
        if let Some((l, h)) = previous.replace((low, high)) {
            mesh.indices.extend([l, h, high, l, high, low]);
        }
    }
}

fn add_crown(
    mesh: &mut MeshData,
    foot: Vec3,
    base: f32,
    top: f32,
    radius: f32,
    turn: f32,
    profile: &[(f32, f32)],
) {
    let height = top - base;
    let centre = foot + Vec3::Y * (base + 0.45 * height);
    let point = |mesh: &mut MeshData, share: f32, offset: Vec3| {
        let p = foot + Vec3::Y * (base + share * height) + offset;
        // Normals of the ellipsoid around the crown, slightly raised: soft form without facets.
        let out = (p - centre) / Vec3::new(radius, 0.55 * height, radius);
        let normal = (out + Vec3::Y * 0.15).normalize_or(Vec3::Y);
        let t = share.clamp(0.0, 1.0);
        let [r, g, b] = [0, 1, 2].map(|i| SHADE[i] + (LIGHT[i] - SHADE[i]) * t);
        mesh.corner(p, normal, [r, g, b, 0.62 + 0.38 * t])
    };
    let mut below: Option<Vec<u32>> = None;
    let bottom = point(mesh, 0.0, Vec3::ZERO);
    for (level, &(share, r)) in profile.iter().enumerate() {
        let ring: Vec<u32> = (0..SIDES)
            .map(|i| {
                // Every second ring is turned by half a step.
                let angle = turn + (i as f32 + 0.5 * (level % 2) as f32) / SIDES as f32 * TAU;
                let wobble = 1.0 + 0.06 * (angle * 3.0 + turn * PI).sin();
                point(
                    mesh,
                    share,
                    Vec3::new(angle.cos(), 0.0, angle.sin()) * (radius * r * wobble),
                )
            })
            .collect();
        for i in 0..SIDES {
            let next = (i + 1) % SIDES;
            match &below {
                None => mesh.indices.extend([bottom, ring[next], ring[i]]),
                Some(b) => mesh
                    .indices
                    .extend([b[i], ring[i], ring[next], b[i], ring[next], b[next]]),
            }
        }
        below = Some(ring);
    }
    let tip = point(mesh, 1.0, Vec3::ZERO);
    if let Some(ring) = below {
        for i in 0..SIDES {
            mesh.indices.extend([ring[i], tip, ring[(i + 1) % SIDES]]);
        }
    }
}
