//! What a building is used for, read from its function.
//!
//! Known forms: codes of the German cadastre (ALKIS object catalogue, `31001_1010`; AdV CityGML writes the same), the same number without
//! prefix where CityGML's own list (SIG3D `BuildingFunctionType`) means the same by it, and words of OpenStreetMap's `building` key. The
//! meanings are those of the published catalogues, put in groups here. What is not known is [`BuildingUse::Unknown`], never a guess.

/// Groups of uses that differ in how many people live and work in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuildingUse {
    /// Dwellings alone.
    Dwelling,
    /// Homes: students, elderly people, children.
    Home,
    /// Dwellings above shops, offices or workshops.
    Mixed,
    /// Offices, banks, administration, courts.
    Office,
    /// Shops, markets, restaurants.
    Shop,
    /// Hotels and hostels for travellers.
    Hotel,
    /// Factories, workshops, depots.
    Industry,
    /// Warehouses.
    Storage,
    /// Schools.
    School,
    /// Universities and research.
    University,
    /// Day care for children.
    DayCare,
    /// Hospitals and surgeries.
    Health,
    /// Museums, theatres, sport, churches and other places for visitors.
    Culture,
    /// Farms.
    Farm,
    /// Garages, sheds, supply and traffic structures: nobody lives or works there.
    Secondary,
    /// No function, or one that is not known here.
    Unknown,
}

impl BuildingUse {
    /// Use of a function as delivered by the source.
    pub fn of(function: Option<&str>) -> Self {
        let Some(text) = function.map(str::trim).filter(|text| !text.is_empty()) else {
            return Self::Unknown;
        };
        if let Some((class, number)) = text.split_once('_')
            && let (Ok(class), Ok(number)) = (class.parse::<u32>(), number.parse::<u32>())
        {
            return match class {
                31_001 => cadastre(number),
                // Towers, masts, bridges, roofs on posts and other structures.
                51_001..=51_010 | 53_001..=53_009 => Self::Secondary,
                _ => Self::Unknown,
            };
        }
        match text.parse::<u32>() {
            // The two lists agree on these alone.
            Ok(1000 | 1010) => Self::Dwelling,
            Ok(1020) => Self::Home,
            Ok(_) => Self::Unknown,
            Err(_) => word(&text.to_lowercase()),
        }
    }
}

/// Groups of the cadastre's building functions.
fn cadastre(number: u32) -> BuildingUse {
    use BuildingUse as U;
    match number {
        1000 | 1010 => U::Dwelling,
        1020..=1025 => U::Home,
        1100..=1131 | 2310 | 2320 | 3100 => U::Mixed,
        1210 | 1220..=1223 => U::Dwelling,
        // Weekend and garden houses: nobody has the first home there.
        1310..=1313 => U::Secondary,
        2010 | 2050..=2056 | 2080..=2081 => U::Shop,
        2020 | 2030 | 2040 => U::Office,
        2060..=2065 | 2090..=2094 => U::Culture,
        2070..=2075 => U::Hotel,
        2000 | 2100 | 2110..=2131 => U::Industry,
        2140..=2150 => U::Storage,
        2160 => U::University,
        2200..=2220 => U::Industry,
        // Traffic (halls, garages) and supply (waterworks, transformers).
        2400..=2623 => U::Secondary,
        2700 | 2720..=2741 => U::Farm,
        3000 | 3010..=3019 | 3070..=3075 => U::Office,
        3020..=3022 => U::School,
        3023 | 3024 => U::University,
        3030..=3038 | 3040..=3048 | 3080..=3082 | 3200..=3290 => U::Culture,
        3050..=3053 => U::Health,
        3060..=3064 | 3066 => U::Office,
        3065 => U::DayCare,
        3090..=3098 => U::Secondary,
        _ => U::Unknown,
    }
}

/// Groups of the words that OpenStreetMap uses, and of their German counterparts in plain tables.
fn word(text: &str) -> BuildingUse {
    use BuildingUse as U;
    match text {
        "residential" | "house" | "detached" | "semidetached_house" | "terrace" | "apartments"
        | "bungalow" | "dwelling" | "farmhouse" | "wohnhaus" | "wohngebäude" | "wohnen" => {
            U::Dwelling
        }
        "dormitory" | "nursing_home" | "wohnheim" => U::Home,
        "mixed" | "mixed_use" | "gemischt" => U::Mixed,
        "office" | "offices" | "government" | "civic" | "townhall" | "public" | "büro"
        | "bürogebäude" => U::Office,
        "retail" | "commercial" | "shop" | "supermarket" | "kiosk" | "market" => U::Shop,
        "hotel" => U::Hotel,
        "industrial" | "manufacture" | "factory" | "workshop" | "werkstatt" | "fabrik" => {
            U::Industry
        }
        "warehouse" | "storage" | "lager" => U::Storage,
        "school" | "schule" => U::School,
        "university" | "college" | "hochschule" => U::University,
        "kindergarten" | "childcare" | "kita" => U::DayCare,
        "hospital" | "clinic" | "krankenhaus" => U::Health,
        "church" | "cathedral" | "chapel" | "mosque" | "synagogue" | "temple" | "museum"
        | "theatre" | "sports_hall" | "sports_centre" | "stadium" | "kirche" => U::Culture,
        "farm" | "barn" | "stable" | "cowshed" => U::Farm,
        "garage" | "garages" | "carport" | "parking" | "shed" | "hut" | "roof" | "bridge"
        | "greenhouse" | "transformer_tower" | "service" | "ruins" | "construction" => U::Secondary,
        _ => U::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_are_grouped_and_the_rest_is_unknown() {
        for (text, expected) in [
            ("31001_1010", BuildingUse::Dwelling),
            ("31001_1120", BuildingUse::Mixed),
            ("31001_2020", BuildingUse::Office),
            ("31001_3065", BuildingUse::DayCare),
            ("31001_2463", BuildingUse::Secondary),
            ("53001_1800", BuildingUse::Secondary),
            (" 1010 ", BuildingUse::Dwelling),
            // An office in one list, flats above shops in the other.
            ("1120", BuildingUse::Unknown),
            ("apartments", BuildingUse::Dwelling),
            ("School", BuildingUse::School),
            ("31001_9998", BuildingUse::Unknown),
            ("castle of air", BuildingUse::Unknown),
            ("", BuildingUse::Unknown),
        ] {
            assert_eq!(BuildingUse::of(Some(text)), expected, "{text}");
        }
        assert_eq!(BuildingUse::of(None), BuildingUse::Unknown);
    }
}
