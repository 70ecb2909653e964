//! Configurations, and files that name others.

use super::*;

#[test]
fn configuration_names_files_times_and_options() {
    let folder = std::env::temp_dir().join(format!("planspiel-sumo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    write("a.net.xml", NET);
    write(
        "things.xml",
        "<additional><include href=\"more.xml\"/></additional>",
    );
    write("more.xml", DEMAND);
    let config = "<configuration><input><net-file value=\"a.net.xml\"/><additional-files value=\"things.xml\"/></input>
        <time><begin value=\"8\"/><end value=\"1:00:00\"/><step-length value=\"0.5\"/></time>
        <processing><time-to-teleport value=\"-1\"/></processing><report><verbose value=\"true\"/></report>
        <random_number><seed value=\"42\"/></random_number></configuration>";
    let path = write("a.sumocfg", config);
    let scenario = read_config(&path).unwrap();
    assert_eq!(
        (
            scenario.begin_s,
            scenario.end_s,
            scenario.step_s,
            scenario.seed
        ),
        (8.0, Some(3600.0), 0.5, 42)
    );
    assert_eq!(scenario.demand.trips.len(), 5, "one departs too early");
    let codes: Vec<&str> = scenario.notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["option-teleport", "before-begin"]);
    assert_eq!(scenario.notes[0].id, "time-to-teleport");

    let fails = |config: &str, words: &[&str]| {
        let error = read_config(&write("b.sumocfg", config)).unwrap_err();
        let text = error.to_string();
        for word in words {
            assert!(text.contains(word), "no `{word}` in\n{text}");
        }
        error.exit_code()
    };
    let code = fails(
        &config.replace("things.xml", "thingz.xml"),
        &["thingz.xml", "which b.sumocfg:1 names"],
    );
    assert_eq!(code, 66);
    fails(
        &config.replace("things.xml", "a.net.xml"),
        &["neither an additional file nor a route file"],
    );
    fails(
        &config.replace("\"0.5\"", "\"0\""),
        &["b.sumocfg:2", "above 0"],
    );
    fails(
        &config.replace("net-file", "nett-file"),
        &["names no network"],
    );
    fails(&config.replace("1:00:00", "5"), &["ends before it begins"]);
    write(
        "more.xml",
        "<additional><include href=\"more.xml\"/></additional>",
    );
    fails(config, &["include each other"]);
    assert_eq!(
        read_network(&folder.join("none")).unwrap_err().exit_code(),
        66
    );
    assert!(
        read_config(&folder.join("a.net.xml"))
            .unwrap_err()
            .to_string()
            .contains("not a SUMO configuration")
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
