//! Settings of the flood simulation that would do nothing beside the others. Each is a fault: nobody shall rely on a number that no
//! computation reads.

use crate::flood::params::{
    BuildingMode, FloodBoundary, FloodParams, FloodPrecision, FloodSolver, GroundClass,
    InfiltrationLaw, Rain, RoofRain, SewerArea,
};

use super::fault::Fault;

/// Faults with the path of their field below `flood`, counted from 1.
pub(super) fn unused(flood: &FloodParams) -> Vec<(String, Fault)> {
    let mut list = List(Vec::new());
    if flood.solver == FloodSolver::Preview {
        preview(flood, &mut list);
    }
    if flood.rain.is_none() && flood.rain_zones.is_empty() {
        let needs = "`rain` or a `[[flood.rain_zone]]` beside it";
        if flood.rain_factor_file.is_some() {
            list.add("rain_factor_file", needs);
        }
        if flood.roof_rain == RoofRain::Drain {
            list.add("roof_rain", needs);
        }
    }
    if let Some(rain) = &flood.rain {
        table_cell("rain", rain, &mut list);
    }
    for (zone, number) in flood.rain_zones.iter().zip(1..) {
        table_cell(&format!("rain_zone[{number}].rain"), &zone.rain, &mut list);
    }
    if flood.gauge_interval_s.is_some() && flood.gauges.is_empty() {
        list.add("gauge_interval_s", "a `[[flood.gauge]]` beside it");
    }
    ground(flood, &mut list);
    list.0
}

struct List(Vec<(String, Fault)>);

impl List {
    fn add(&mut self, field: &str, needs: &str) {
        let name = field.rsplit('.').next().unwrap_or(field);
        let fault = Fault::new("unused-setting", format!("`{name}` would not be used"))
            .expected(needs)
            .help(format!("leave `{name}` out, or set what it needs"));
        self.0.push((field.to_owned(), fault));
    }
}

/// The preview has one order and one precision, and knows no supercritical inflow.
fn preview(flood: &FloodParams, list: &mut List) {
    const FULL: &str = "`solver = \"full\"`";
    if flood.order != 1 {
        list.add("order", FULL);
    }
    if flood.precision == FloodPrecision::Double {
        list.add("precision", FULL);
    }
    for (boundary, number) in flood.boundaries.iter().zip(1..) {
        if let FloodBoundary::Discharge {
            depth_m: Some(_), ..
        } = boundary
        {
            list.add(&format!("boundary[{number}].depth_m"), FULL);
        }
    }
}

fn table_cell(field: &str, rain: &Rain, list: &mut List) {
    if let Rain::Euler2 {
        files,
        index_rc: Some(_),
        ..
    } = rain
        && files.is_empty()
    {
        list.add(
            &format!("{field}.index_rc"),
            "`files` of the weather service",
        );
    }
}

fn ground(flood: &FloodParams, list: &mut List) {
    let law = flood.infiltration;
    let of_law = |wanted: InfiltrationLaw, name: &str| {
        (law == wanted, format!("`flood.infiltration = \"{name}\"`"))
    };
    let constant = of_law(InfiltrationLaw::Constant, "constant");
    let green_ampt = of_law(InfiltrationLaw::GreenAmpt, "green_ampt");
    let scs = of_law(InfiltrationLaw::Scs, "scs");
    let sealed = (
        law != InfiltrationLaw::None || flood.sewer_area == SewerArea::Sealed,
        "`flood.infiltration`, or `flood.sewer_area = \"sealed\"`".to_owned(),
    );
    for (class, name) in [
        (GroundClass::Street, "street"),
        (GroundClass::Paved, "paved"),
        (GroundClass::Green, "green"),
        (GroundClass::Railway, "railway"),
        (GroundClass::Water, "water"),
        (GroundClass::Other, "other"),
        (GroundClass::Unknown, "unknown"),
        (GroundClass::Roof, "roof"),
    ] {
        let own = flood.ground.of(class);
        let is_cell = class != GroundClass::Roof || flood.buildings == BuildingMode::Block;
        let always = (true, String::new());
        for (field, given, (used, needs)) in [
            ("manning_n", own.manning_n.is_some(), &always),
            ("sealed", own.sealed.is_some(), &sealed),
            ("rate_mm_per_h", own.rate_mm_per_h.is_some(), &constant),
            (
                "conductivity_mm_per_h",
                own.conductivity_mm_per_h.is_some(),
                &green_ampt,
            ),
            ("suction_mm", own.suction_mm.is_some(), &green_ampt),
            ("deficit", own.deficit.is_some(), &green_ampt),
            ("curve_number", own.curve_number.is_some(), &scs),
        ] {
            if !given {
                continue;
            }
            let field = format!("ground.{name}.{field}");
            if !is_cell {
                list.add(&field, "`flood.buildings = \"block\"`");
            } else if !used {
                list.add(&field, needs);
            }
        }
    }
    let default = FloodParams::default().manning_n;
    if flood.ground.unknown.manning_n.is_some() && flood.manning_n != default {
        list.add(
            "manning_n",
            "no `flood.ground.unknown.manning_n`, which stands for the same ground",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::city::sources::Roots;
    use crate::scenario::parse_scenario;

    const HEAD: &str =
        "[scenario]\nversion = 1\nname = \"x\"\ncity = \"c.asc\"\n[flood]\nduration_s = 600.0\n";
    const RAIN: &str = "rain = { kind = \"block\", depth_mm = 9, duration_s = 600 }\n";
    const WATER: &str = "[[flood.water]]\ndepth_m = 1.0\n";

    /// Codes and fields of all faults.
    fn faults(flood: &str) -> Vec<(&'static str, String)> {
        match parse_scenario(&format!("{HEAD}{flood}"), "s.toml", &Roots::default()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.into_iter().map(|f| (f.code, f.field)).collect(),
        }
    }

    #[test]
    fn what_would_not_be_used_is_a_fault_of_its_field() {
        let preview = "solver = \"preview\"\n";
        let inflow = "[[flood.boundary]]\nkind = \"discharge\"\nid = \"q\"\nside = \"west\"\nseries = [[0, 1]]\ndepth_m = 0.5\n";
        let euler =
            "rain = { kind = \"euler2\", depth_mm = 40, duration_s = 3600, index_rc = 7 }\n";
        for (flood, fields) in [
            (format!("{RAIN}{preview}order = 2\n"), vec!["order"]),
            (
                format!("{RAIN}{preview}precision = \"double\"\n"),
                vec!["precision"],
            ),
            (
                format!("{RAIN}{preview}{inflow}"),
                vec!["boundary[1].depth_m"],
            ),
            (
                format!("rain_factor_file = \"f.asc\"\nroof_rain = \"drain\"\n{WATER}"),
                vec!["rain_factor_file", "roof_rain"],
            ),
            (euler.to_owned(), vec!["rain.index_rc"]),
            (
                format!("{RAIN}gauge_interval_s = 10.0\n"),
                vec!["gauge_interval_s"],
            ),
            (
                format!("{RAIN}[flood.ground.green]\nrate_mm_per_h = 5.0\nsealed = 0.5\n"),
                vec!["ground.green.rate_mm_per_h", "ground.green.sealed"],
            ),
            (
                format!(
                    "{RAIN}infiltration = \"constant\"\n[flood.ground.other]\nconductivity_mm_per_h = 5.0\nsuction_mm = 90\ndeficit = 0.2\ncurve_number = 70\n"
                ),
                vec![
                    "ground.other.conductivity_mm_per_h",
                    "ground.other.suction_mm",
                    "ground.other.deficit",
                    "ground.other.curve_number",
                ],
            ),
            (
                format!("{RAIN}[flood.ground.roof]\nmanning_n = 0.02\n"),
                vec!["ground.roof.manning_n"],
            ),
            (
                format!("{RAIN}manning_n = 0.05\n[flood.ground.unknown]\nmanning_n = 0.04\n"),
                vec!["manning_n"],
            ),
        ] {
            let expected: Vec<_> = fields
                .into_iter()
                .map(|field| ("unused-setting", format!("flood.{field}")))
                .collect();
            assert_eq!(faults(&flood), expected, "{flood}");
        }
    }

    #[test]
    fn what_is_used_is_none() {
        for flood in [
            format!("{RAIN}solver = \"preview\"\norder = 1\nprecision = \"single\"\n"),
            format!("{RAIN}order = 2\nprecision = \"double\"\nroof_rain = \"drain\"\n"),
            format!(
                "{RAIN}infiltration = \"scs\"\n[flood.ground.green]\ncurve_number = 60\nsealed = 0.1\n"
            ),
            format!(
                "{RAIN}sewer_mm_per_h = 9.0\nsewer_area = \"sealed\"\n[flood.ground.paved]\nsealed = 0.9\n"
            ),
            format!("{RAIN}buildings = \"block\"\n[flood.ground.roof]\nmanning_n = 0.02\n"),
            format!("{WATER}[flood.ground.unknown]\nmanning_n = 0.04\n"),
            format!(
                "{RAIN}gauge_interval_s = 10.0\n[[flood.gauge]]\nid = \"g\"\nposition = [1, 1]\n"
            ),
        ] {
            assert_eq!(faults(&flood), [], "{flood}");
        }
    }

    #[test]
    fn no_water_flows_at_a_hundred_metres_a_second_and_gauges_are_read_twice() {
        let fast = format!("{WATER}velocity_m_per_s = [80.0, 80.0]\n");
        assert_eq!(
            faults(&fast),
            [("out-of-range", "flood.water[1].velocity_m_per_s".to_owned())]
        );
        let rare = format!(
            "{RAIN}gauge_interval_s = 700.0\n[[flood.gauge]]\nid = \"g\"\nposition = [1, 1]\n"
        );
        assert_eq!(
            faults(&rare),
            [("longer-than-run", "flood.gauge_interval_s".to_owned())]
        );
        assert_eq!(
            faults(&WATER.replace("1.0", "600.0")),
            [("out-of-range", "flood.water[1].depth_m".to_owned())]
        );
    }
}
