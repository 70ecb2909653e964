//! Inhabitants and workplaces of a building from its use and its floor area.
//!
//! floor area = footprint x storeys; inhabitants = floor area x share of dwellings x [`LIVING_OF_FLOOR`] / [`LIVING_M2_PER_PERSON`];
//! workplaces = floor area x the rest / floor per workplace ([`floor_per_workplace_m2`]). Numbers stay fractional: rounding each house would
//! shift the sum of a quarter. Good to a third for a quarter, not for a single house (own assumption).

use super::building_use::BuildingUse;

/// Storey (m) assumed where the source has no number of storeys: old houses 3.0 to 4.0, new ones 2.7 to 3.0. Own assumption; the height is
/// that of the ridge, so that an attic counts.
pub const STOREY_M: f64 = 3.0;

/// Living area per gross floor area: 0.70 to 0.82 (walls, stairs and cellars take the rest). Own assumption.
pub const LIVING_OF_FLOOR: f64 = 0.75;

/// Living area per person (m²): 47 in Germany, 41 in Hamburg, 35 to 50 between quarters (official statistics, from memory).
pub const LIVING_M2_PER_PERSON: f64 = 41.0;

/// Floor per person (m²) in homes of students or elderly people: 25 to 45. Own assumption.
pub const HOME_FLOOR_M2_PER_PERSON: f64 = 35.0;

/// Share of dwellings in a building of mixed use: the ground floor of four storeys is for shops. Own assumption, 0.6 to 0.85.
pub const MIXED_DWELLING_SHARE: f64 = 0.75;

/// Footprints (m²) of buildings of unknown use that count as dwellings: smaller ones are sheds, larger ones halls. Own assumption.
pub const UNKNOWN_DWELLING_M2: [f64; 2] = [40.0, 1_500.0];

/// Least height (m) of a building in which people stay. Own assumption.
pub const LEAST_HEIGHT_M: f64 = 2.2;

/// Gross floor (m²) per workplace; `None`: no workplaces. Own assumptions in the span that planners use: offices 25 to 35, shops 35 to 70,
/// industry 50 to 150, storage 100 to 400, hotels 60 to 120, schools 80 to 150, day care 30 to 60, hospitals 50 to 80, culture 100 to 300.
pub fn floor_per_workplace_m2(building_use: BuildingUse) -> Option<f64> {
    use BuildingUse as U;
    match building_use {
        U::Office => Some(30.0),
        U::Shop | U::Mixed => Some(50.0),
        U::DayCare | U::University => Some(45.0),
        U::Health => Some(60.0),
        U::Industry | U::Hotel => Some(80.0),
        U::School => Some(100.0),
        U::Home => Some(150.0),
        U::Storage | U::Culture => Some(200.0),
        U::Farm => Some(500.0),
        U::Dwelling | U::Secondary | U::Unknown => None,
    }
}

/// A building as far as the estimate needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Id of the building.
    pub id: String,
    /// Easting and northing (m) of the middle of its footprint, in the coordinate system of the city.
    pub position: [f64; 2],
    /// Function as delivered.
    pub function: Option<String>,
    /// Footprint (m²).
    pub footprint_m2: f64,
    /// Storeys above ground as delivered.
    pub storeys: Option<u32>,
    /// Height (m) of the highest point above the lowest.
    pub height_m: f64,
}

/// People of one building. All numbers are generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Id of the building.
    pub id: String,
    /// Easting and northing (m) of the middle of its footprint, in the coordinate system of the city.
    pub position: [f64; 2],
    /// What it is used for.
    pub building_use: BuildingUse,
    /// Gross floor area (m²).
    pub floor_m2: f64,
    /// Storeys used.
    pub storeys: f64,
    /// True when the storeys were assumed from the height.
    pub storeys_assumed: bool,
    /// People who live there.
    pub inhabitants: f64,
    /// People who work there.
    pub workplaces: f64,
}

/// All places of a city, and what was assumed for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    /// One place per building, in the order of the buildings.
    pub places: Vec<Place>,
    /// Sum of the inhabitants.
    pub inhabitants: f64,
    /// Sum of the workplaces.
    pub workplaces: f64,
    /// Buildings whose storeys were assumed from the height.
    pub storeys_assumed: usize,
    /// Buildings whose use is not known.
    pub use_unknown: usize,
}

/// Estimates the people of every building. Buildings without a usable footprint or height get nobody.
pub fn estimate(bodies: &[Body]) -> People {
    let places: Vec<Place> = bodies.iter().map(place).collect();
    let sum = |value: fn(&Place) -> f64| places.iter().map(value).sum();
    People {
        inhabitants: sum(|place| place.inhabitants),
        workplaces: sum(|place| place.workplaces),
        storeys_assumed: places.iter().filter(|place| place.storeys_assumed).count(),
        use_unknown: places
            .iter()
            .filter(|place| place.building_use == BuildingUse::Unknown)
            .count(),
        places,
    }
}

fn place(body: &Body) -> Place {
    let building_use = BuildingUse::of(body.function.as_deref());
    let height_m = if body.height_m.is_finite() {
        body.height_m
    } else {
        0.0
    };
    let assumed = (height_m / STOREY_M).round().max(1.0);
    let given = body.storeys.filter(|&storeys| storeys > 0);
    let storeys = given.map_or(assumed, f64::from);
    let footprint_m2 = if body.footprint_m2.is_finite() {
        body.footprint_m2.max(0.0)
    } else {
        0.0
    };
    let inhabited = given.is_some() || height_m >= LEAST_HEIGHT_M;
    let floor_m2 = if inhabited {
        footprint_m2 * storeys
    } else {
        0.0
    };
    let dwelling_share = match building_use {
        BuildingUse::Dwelling => 1.0,
        BuildingUse::Mixed => MIXED_DWELLING_SHARE,
        BuildingUse::Unknown
            if (UNKNOWN_DWELLING_M2[0]..=UNKNOWN_DWELLING_M2[1]).contains(&footprint_m2) =>
        {
            1.0
        }
        _ => 0.0,
    };
    let inhabitants = if building_use == BuildingUse::Home {
        floor_m2 / HOME_FLOOR_M2_PER_PERSON
    } else {
        floor_m2 * dwelling_share * LIVING_OF_FLOOR / LIVING_M2_PER_PERSON
    };
    let workplaces = floor_per_workplace_m2(building_use).map_or(0.0, |per_place| {
        floor_m2 * (1.0 - dwelling_share) / per_place
    });
    Place {
        id: body.id.clone(),
        position: body.position,
        building_use,
        floor_m2,
        storeys,
        storeys_assumed: given.is_none(),
        inhabitants,
        workplaces,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(
        function: Option<&str>,
        footprint_m2: f64,
        storeys: Option<u32>,
        height_m: f64,
    ) -> Body {
        Body {
            id: "b".to_owned(),
            position: [0.0, 0.0],
            function: function.map(str::to_owned),
            footprint_m2,
            storeys,
            height_m,
        }
    }

    #[test]
    fn a_house_holds_what_the_constants_say() {
        let people = estimate(&[body(Some("31001_1010"), 200.0, Some(4), 16.0)]);
        // 800 m² of floor, 600 m² of living area, 41 m² each.
        assert!((people.inhabitants - 600.0 / 41.0).abs() < 1e-9);
        assert_eq!(people.workplaces, 0.0);
        let mixed = estimate(&[body(Some("31001_1120"), 200.0, Some(4), 16.0)]);
        assert!((mixed.inhabitants - 0.75 * 600.0 / 41.0).abs() < 1e-9);
        assert!((mixed.workplaces - 4.0).abs() < 1e-9);
        let office = estimate(&[body(Some("31001_2020"), 300.0, Some(2), 7.0)]);
        assert!((office.workplaces - 20.0).abs() < 1e-9 && office.inhabitants == 0.0);
    }

    #[test]
    fn missing_storeys_come_from_the_height_and_are_counted() {
        let people = estimate(&[
            body(Some("31001_1010"), 100.0, None, 12.2),
            body(Some("31001_1010"), 100.0, Some(2), 12.2),
        ]);
        assert_eq!(people.storeys_assumed, 1);
        assert_eq!(
            [people.places[0].storeys, people.places[1].storeys],
            [4.0, 2.0]
        );
    }

    #[test]
    fn nobody_lives_in_sheds_halls_of_unknown_use_and_broken_bodies() {
        let people = estimate(&[
            body(None, 12.0, None, 6.0),
            body(None, 9_000.0, None, 9.0),
            body(Some("31001_2463"), 100.0, None, 3.0),
            body(Some("31001_1010"), 100.0, None, 1.0),
            body(Some("31001_1010"), f64::NAN, None, 9.0),
            body(Some("31001_1010"), 100.0, None, f64::NEG_INFINITY),
        ]);
        assert_eq!(people.inhabitants, 0.0);
        assert_eq!(people.use_unknown, 2);
    }
}
