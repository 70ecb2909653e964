//! Faults put into the small scenario one by one, and the words that tell them.

use super::{DEMAND, LISTED_FAULTS, NET, scenario};

/// A change of the small network or its demand, and the words that the error has.
const FAULTS: &[(&str, &str, &[&str])] = &[
    // The network.
    (
        "<net version=\"1.20\">",
        "<nett>",
        &["a.net.xml:", "not well-formed"],
    ),
    (
        "length=\"4\"",
        "length=\"-4\"",
        &["`length` of lane `:C_0_0` is `-4`", "a.net.xml:5", "from 0"],
    ),
    ("length=\"4\"", "length=\"NaN\"", &["is `NaN`"]),
    ("length=\"4\"", "length=\"4 m\"", &["is `4 m`"]),
    ("length=\"4\"", "", &["lane `:C_0_0` has no `length`"]),
    (
        "shape=\"0,0 95,0\"",
        "shape=\"0,0 95\"",
        &["`shape` of lane `w_0`"],
    ),
    (
        "shape=\"0,0 95,0\"",
        "shape=\"0,0\"",
        &["has 1 places", "at least 2"],
    ),
    (
        "disallow=\"pedestrian\"",
        "disallow=\"pedestrain\"",
        &["`pedestrain`", "did you mean `pedestrian`?"],
    ),
    (
        "to=\"C\" priority",
        "to=\"X\" priority",
        &["`to` of edge `w` is junction `X`"],
    ),
    (
        "priority=\"3\"",
        "priority=\"high\"",
        &["`priority` of edge `w`"],
    ),
    (
        "fromLane=\"1\" toLane=\"1\" via",
        "fromLane=\"5\" toLane=\"1\" via",
        &["is 5, and edge `w` has 2 lanes", "0 to 1"],
    ),
    (
        "via=\":C_0_0\"",
        "via=\":C_0_7\"",
        &["leads via lane `:C_0_7`", "did you mean"],
    ),
    (
        "<connection from=\"n\"",
        "<connection from=\"m\"",
        &["`from` of the connection from `m_0` to `e_1` is edge `m`"],
    ),
    (
        "<connection from=\":C_3\" to=\"e\" fromLane=\"0\" toLane=\"1\" dir=\"l\" state=\"M\"/>",
        "",
        &["no connection leaves the inner lane `:C_3_0`"],
    ),
    (
        "dir=\"l\" state=\"o\"",
        "dir=\"q\" state=\"o\"",
        &["`dir`", "is `q`"],
    ),
    (
        "linkIndex=\"2\"",
        "linkIndex=\"3\"",
        &[
            "phase 0 of the programme `0` of signal `S` has 3 letters",
            "at least 4",
        ],
    ),
    (
        "linkIndex=\"2\"",
        "linkIndex=\"4000000000\"",
        &["`linkIndex`", "4000000000"],
    ),
    (
        "state=\"rur\"",
        "state=\"rxr\"",
        &["letter `x` at place 1", "a.net.xml:26"],
    ),
    (
        "duration=\"3\" state",
        "duration=\"0\" state",
        &["`duration`", "above 0"],
    ),
    (
        "minDur=\"5\" maxDur=\"40\"",
        "minDur=\"50\" maxDur=\"40\"",
        &["at least 50 s and at most 40 s"],
    ),
    ("next=\"0 1\"", "next=\"0 9\"", &["`next`", "0 to 2"]),
    (
        "tl=\"S\" linkIndex=\"2\"",
        "tl=\"X\" linkIndex=\"2\"",
        &["signal `X`, which has no programme"],
    ),
    (
        "intLanes=\":C_3_0 :C_1_0 :C_1_1\"",
        "intLanes=\":C_3_0 :C_1_0\"",
        &["has no row in the matrix of junction `C`"],
    ),
    (
        "intLanes=\":C_3_0 :C_1_0 :C_1_1\"",
        "intLanes=\":C_3_0 :C_1_0 :C_9_1\"",
        &["has lane `:C_9_1`"],
    ),
    (
        "intLanes=\":C_3_0 :C_1_0 :C_1_1\"",
        "intLanes=\":C_3_0 :C_3_0 :C_1_0 :C_1_1\"",
        &["a place already", "3 rows"],
    ),
    (
        "response=\"110\"",
        "response=\"1100\"",
        &["`response`", "3 digits"],
    ),
    (
        "request index=\"2\"",
        "request index=\"7\"",
        &["`index`", "0 to 2"],
    ),
    (
        "type=\"traffic_light\"",
        "type=\"magic\"",
        &["`type` of junction `C` is `magic`"],
    ),
    (
        "<edge id=\"n\"",
        "<edge id=\"e\"",
        &["edge `e` is in the file twice"],
    ),
    // Things.
    (
        "lane=\"e_0\"",
        "lane=\"e_7\"",
        &[
            "busStop `stop` lies on lane `e_7`, which a.net.xml does not have",
            "a.xml:8",
        ],
    ),
    (
        "endPos=\"-45\"",
        "endPos=\"450\"",
        &["`endPos` of busStop `stop`", "95.00 m long"],
    ),
    (
        "endPos=\"-45\"",
        "endPos=\"-90\"",
        &["`startPos`", "before `endPos`"],
    ),
    (
        "pos=\"-10\"",
        "pos=\"-100\"",
        &["`pos` of e1Detector `loop`"],
    ),
    (
        "<phase duration=\"5\" state=\"ooo\"/>",
        "",
        &["programme `night` of signal `S` has no phases"],
    ),
    (
        "state=\"ooo\"",
        "state=\"oo\"",
        &["has 2 letters", "a.xml:10"],
    ),
    (
        "vClass=\"bus\" carFollowModel",
        "vClass=\"buss\" carFollowModel",
        &[
            "vType `coach` is of the class `buss`",
            "did you mean `bus`?",
        ],
    ),
    (
        "normc(1.1,0.1,0.8,1.4)",
        "normc(1.1,0.1)",
        &["`speedFactor`"],
    ),
    ("sigma=\"0\"", "sigma=\"2\"", &["`sigma`", "0 to 1"]),
    (
        "id=\"small\"",
        "id=\"car\"",
        &["vType `car` is defined a second time"],
    ),
    // Vehicles.
    (
        "route edges=\"n e\"",
        "route edges=\"n f\"",
        &[
            "vehicle `late` drives over edge `f`",
            "use the routes of the same version",
            "a.xml:12",
        ],
    ),
    (
        "route edges=\"n e\"",
        "route edges=\"e n\"",
        &["from edge `e` onto `n`, which no connection joins"],
    ),
    (
        "route edges=\"n e\"",
        "route edges=\" \"",
        &["has no edges"],
    ),
    (
        "route edges=\"n e\"",
        "route edges=\":C_1 e\"",
        &["inside a junction"],
    ),
    (
        "from=\"w\" to=\"e\" depart",
        "from=\"ww\" to=\"e\" depart",
        &[
            "trip `trip` begins on edge `ww`, which a.net.xml does not have",
            "did you mean `w`?",
        ],
    ),
    (
        "to=\"e\" depart",
        "depart",
        &["trip `trip` does not say where it drives"],
    ),
    (
        "type=\"coach\" depart",
        "type=\"coahc\" depart",
        &["is of the type `coahc`", "did you mean"],
    ),
    (
        "route=\"through\"",
        "route=\"trough\"",
        &["drives the route `trough`", "did you mean `through`?"],
    ),
    (
        "busStop=\"stop\"",
        "busStop=\"stopp\"",
        &["stops at `stopp`", "did you mean `stop`?"],
    ),
    (
        "duration=\"20\" until=\"50\"",
        "",
        &["neither `duration` nor `until`"],
    ),
    (
        "id=\"through\" edges=\"w e\"",
        "id=\"through\" edges=\"w\"",
        &["stops at `stop` on edge `e`, which is not on its route"],
    ),
    (
        "depart=\"10\"",
        "depart=\"triggered\"",
        &["when an event comes"],
    ),
    (
        "depart=\"10\"",
        "depart=\"soon\"",
        &["`depart` of vehicle `bus` is `soon`"],
    ),
    (
        "departPos=\"12.5\"",
        "departPos=\"125\"",
        &["at 125 m of edge `n`, which is 96.00 m long"],
    ),
    ("departLane=\"0\"", "departLane=\"left\"", &["`departLane`"]),
    (
        "id=\"trip\"",
        "id=\"bus\"",
        &["trip `bus` is defined a second time"],
    ),
    ("number=\"3\"", "", &["flow `flow` does not say how many"]),
    (
        "end=\"400\" number=\"3\"",
        "number=\"3\"",
        &["flow `flow` has no end"],
    ),
    (
        "end=\"400\" number=\"3\"",
        "period=\"1e-9\" end=\"1000\"",
        &["brings more than"],
    ),
];

#[test]
fn faults_are_told_with_place_and_remedy() {
    assert!(scenario(NET, DEMAND).is_ok());
    for (before, after, words) in FAULTS {
        let count = NET.matches(before).count() + DEMAND.matches(before).count();
        assert_eq!(count, 1, "`{before}` must be there once");
        let result = scenario(&NET.replace(before, after), &DEMAND.replace(before, after));
        let text = match result {
            Ok(_) => panic!("`{before}` -> `{after}` is read without a fault"),
            Err(error) => error.to_string(),
        };
        for word in *words {
            assert!(text.contains(word), "`{after}`: no `{word}` in\n{text}");
        }
        assert!(text.contains("  help: "), "{text}");
        assert!(text.contains("  --> a."), "{text}");
    }
}

#[test]
fn classes_must_be_allowed_along_the_way() {
    let text = |class: &str, more: &str| {
        format!(
            "<routes><vType id=\"t\" vClass=\"{class}\"/><vehicle id=\"v\" type=\"t\" depart=\"0\"><route edges=\"w e\"/>{more}</vehicle></routes>"
        )
    };
    assert!(scenario(NET, &text("ignoring", "")).is_ok());
    let walker = scenario(NET, &text("pedestrian", "")).unwrap_err();
    assert!(
        walker
            .to_string()
            .contains("closed to its class `pedestrian`")
    );
    let stop = "<stop lane=\"w_0\" endPos=\"50\" duration=\"9\"/>";
    assert!(scenario(NET, &text("bus", stop)).is_ok());
    let car = scenario(NET, &text("passenger", stop)).unwrap_err();
    assert_eq!(car.faults()[0].code, "closed-stop");
}

#[test]
fn a_file_with_many_faults_reports_them_together() {
    let net = NET
        .replace("length=\"95\"", "length=\"-95\"")
        .replace("dir=\"s\"", "dir=\"x\"");
    let error = scenario(&net, DEMAND).unwrap_err();
    assert_eq!(error.faults().len(), 4 + 4);
    assert_eq!(error.exit_code(), 65);
    let mut routes = String::from("<routes>");
    for i in 0..1_000 {
        routes += &format!("<trip id=\"{i}\" from=\"x{i}\" to=\"e\" depart=\"0\"/>\n");
    }
    let error = scenario(NET, &(routes + "</routes>")).unwrap_err();
    assert_eq!(error.faults().len(), LISTED_FAULTS);
    assert!(error.to_string().ends_with("and 980 more"));
}
