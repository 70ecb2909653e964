//! Models in local metres (OBJ, glTF) as the city of an ordinary scenario: the same answers as the same block in a format of
//! cities, and one clear message for each fault.

use super::cli::Workplace;

/// Half the width and the height (m) of the block of AIJ's case A in nature: 1:1:2, 20 m wide (doi:10.5281/zenodo.15050148).
const HALF: f32 = 10.0;
const HEIGHT: f32 = 40.0;

/// Corners of the block, z up, the lower four first.
fn corners() -> [[f32; 3]; 8] {
    let plan = [[-HALF, -HALF], [HALF, -HALF], [HALF, HALF], [-HALF, HALF]];
    std::array::from_fn(|i| [plan[i % 4][0], plan[i % 4][1], (i / 4) as f32 * HEIGHT])
}

/// Faces of the block seen from outside, corners from 0.
const FACES: [[u16; 4]; 6] = [
    [3, 2, 1, 0],
    [4, 5, 6, 7],
    [0, 1, 5, 4],
    [1, 2, 6, 5],
    [2, 3, 7, 6],
    [3, 0, 4, 7],
];

/// The block as OBJ in other axes and units: `at` gives the written corner.
fn obj(at: impl Fn([f32; 3]) -> [f32; 3]) -> String {
    let mut text = "# case A\nmtllib none.mtl\no Block\n".to_owned();
    for [x, y, z] in corners().map(at) {
        text += &format!("v {x} {y} {z}\n");
    }
    for face in FACES {
        let [a, b, c, d] = face.map(|i| i + 1);
        text += &format!("f {a} {b} {c} {d}\n");
    }
    text
}

/// The block as JSON and buffer of a glTF model: y up, south is z.
fn gltf_parts(buffer_uri: &str) -> (String, Vec<u8>) {
    let positions = corners().map(|[x, y, z]| [x, z, -y]);
    let mut buffer: Vec<u8> = positions
        .as_flattened()
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    for [a, b, c, d] in FACES {
        buffer.extend([a, b, c, a, c, d].iter().flat_map(|i| i.to_le_bytes()));
    }
    let json = format!(
        r#"{{"asset":{{"version":"2.0"}},"scene":0,"scenes":[{{"nodes":[0]}}],"nodes":[{{"mesh":0,"name":"Block"}}],
"meshes":[{{"primitives":[{{"attributes":{{"POSITION":0}},"indices":1}}]}}],"buffers":[{{{buffer_uri}"byteLength":{}}}],
"bufferViews":[{{"buffer":0,"byteLength":96}},{{"buffer":0,"byteOffset":96,"byteLength":72}}],
"accessors":[{{"bufferView":0,"componentType":5126,"count":8,"type":"VEC3"}},
{{"bufferView":1,"componentType":5123,"count":36,"type":"SCALAR"}}]}}"#,
        buffer.len()
    );
    (json, buffer)
}

fn glb() -> Vec<u8> {
    let (json, buffer) = gltf_parts("");
    let mut json = json.into_bytes();
    json.resize(json.len().next_multiple_of(4), b' ');
    let length = 12 + 8 + json.len() + 8 + buffer.len();
    let mut glb = b"glTF\x02\0\0\0".to_vec();
    glb.extend((length as u32).to_le_bytes());
    for (kind, chunk) in [(b"JSON", &json), (b"BIN\0", &buffer)] {
        glb.extend((chunk.len() as u32).to_le_bytes());
        glb.extend(kind);
        glb.extend(chunk);
    }
    glb
}

const GEOJSON: &str = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"local"}},"features":[{"type":"Feature","id":"Block","properties":{"height":40.0},
"geometry":{"type":"Polygon","coordinates":[[[-10,-10],[10,-10],[10,10],[-10,10],[-10,-10]]]}}]}"#;

fn cityjson() -> String {
    let vertices = corners().map(|c| c.map(|v| v as i32));
    let shell: Vec<Vec<[u16; 4]>> = FACES.iter().map(|face| vec![*face]).collect();
    format!(
        r#"{{"type":"CityJSON","version":"2.0","transform":{{"scale":[1.0,1.0,1.0],"translate":[0.0,0.0,0.0]}},
"CityObjects":{{"Block":{{"type":"Building","geometry":[{{"type":"Solid","lod":"1.2","boundaries":[{shell:?}]}}]}}}},
"vertices":{vertices:?}}}"#
    )
}

/// A wind tunnel case: the block, the approaching wind, and places around the block at head height.
fn wind_scenario(city: &str, settings: &str) -> String {
    format!(
        "[scenario]\nversion = 1\nname = \"AIJ A\"\ncity = \"{city}\"\n[city]\ncrs = \"local\"\n{settings}\n\
         [wind]\ncell_m = 4.0\nheight_m = 2.5\narea = [-40.0, -40.0, 80.0, 40.0]\nmaps_from_deg = [270.0]\nprobes = \"probes.csv\"\n\
         inflow = {{ kind = \"power\", alpha = 0.2, reference_m = 40.0, speed_mps = 4.491 }}\n"
    )
}

fn probes() -> String {
    let mut text = "id,x,y,z\n".to_owned();
    for (i, x) in [-25.0, -15.0, 0.0, 15.0, 25.0, 40.0, 65.0]
        .iter()
        .enumerate()
    {
        for (j, y) in [0.0, 6.0, 12.5, 17.5, 25.0].iter().enumerate() {
            text += &format!("{i}-{j},{x},{y},2.5\n");
        }
    }
    text
}

#[test]
fn a_block_has_the_same_wind_in_every_format() {
    let place = Workplace::new();
    place.write("probes.csv", probes());
    let (json, buffer) = gltf_parts("\"uri\":\"block.bin\",");
    place.write("block.bin", buffer);
    let mm = |[x, y, z]: [f32; 3]| [x * 1000.0, z * 1000.0, -y * 1000.0];
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("block.geojson", GEOJSON.into(), ""),
        ("block.city.json", cityjson().into(), ""),
        ("block.obj", obj(|c| c).into(), ""),
        (
            "millimetres.obj",
            obj(mm).into(),
            "up_axis = \"y\"\nunit_m = 0.001",
        ),
        ("block.glb", glb(), ""),
        ("block.gltf", json.into(), ""),
    ];
    let mut first = None;
    for (file, bytes, settings) in &cases {
        place.write(file, bytes);
        place.write("wind.toml", wind_scenario(file, settings));
        let out = format!("out-{file}");
        place.run(&["run", "wind.toml", "--out", &out]).ends_with(0);
        let mut results = place.results(&out);
        results.retain(|name, _| {
            name.ends_with("wind_probes.csv") || name.extension().is_some_and(|e| e == "tif")
        });
        let table = results
            .iter()
            .find(|(name, _)| name.ends_with("wind_probes.csv"));
        let table = String::from_utf8(table.unwrap().1.clone()).unwrap();
        assert_eq!(table.lines().count(), 36, "{table}");
        assert!(results.len() > 1, "{:?}", results.keys());
        let first = first.get_or_insert_with(|| results.clone());
        assert!(*first == results, "{file} has another wind:\n{table}");
    }
}

#[test]
fn sun_water_and_wind_run_on_a_model() {
    let place = Workplace::new();
    place.write("block.obj", obj(|c| c));
    place.write("block.glb", glb());
    place.write("probes.csv", probes());
    let mut found = Vec::new();
    for file in ["block.obj", "block.glb"] {
        let more = "[site]\nlatitude_deg = 53.55\nlongitude_deg = 10.0\ngrid_north_deg = 0.0\n[sun]\ndates = [\"2027-03-21\"]\nground_spacing_m = 10.0\n\
             facade_spacing_m = 2.0\nroof_spacing_m = 5.0\n[flood]\ncell_m = 5.0\nduration_s = 300.0\n\
             rain = { kind = \"block\", depth_mm = 10.0, duration_s = 300.0 }\n";
        place.write("all.toml", wind_scenario(file, "") + more);
        let out = format!("out-{file}");
        place.run(&["run", "all.toml", "--out", &out]).ends_with(0);
        let mut results = place.results(&out);
        results.retain(|name, _| {
            ["tif", "csv", "geojson"]
                .iter()
                .any(|e| name.extension().is_some_and(|x| x == *e))
        });
        found.push(results);
    }
    let names: Vec<String> = found[0].keys().map(|n| n.display().to_string()).collect();
    for part in ["sun", "depth", "wind"] {
        assert!(names.iter().any(|n| n.contains(part)), "{part}: {names:?}");
    }
    for (name, bytes) in &found[0] {
        assert!(found[1].get(name) == Some(bytes), "{}", name.display());
    }
}

#[test]
fn check_tells_what_a_model_is_taken_for() {
    let place = Workplace::new();
    place.write("block.obj", obj(|c| c));
    place.write("block.glb", glb());
    let text = place.stdout_of(&["check", "block.obj"]);
    for part in [
        "city with 1 building, 0 trees, 0 streets, terrain",
        "note[model-axes-obj]: In the model z points up and one unit is 1.0 m long",
        "note[model-ground]: The ground under the model is a plane at 0.00 m",
        "warning[crs-missing]",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    assert!(!text.contains("model-size"), "{text}");
    let text = place.stdout_of(&["check", "block.glb"]);
    assert!(
        text.contains(
            "draft with 12 triangles in 6 surfaces, 20.00 × 20.00 × 40.00 m; as a city 1 building"
        ),
        "{text}"
    );
    place.write("wind.toml", wind_scenario("block.glb", ""));
    place.write("probes.csv", probes());
    let text = place.stdout_of(&["check", "wind.toml"]);
    assert!(
        text.contains("note[model-axes-gltf]: In the model y points up"),
        "{text}"
    );
    place.write("small.obj", obj(|c| c.map(|v| v / 250.0)));
    let text = place.stdout_of(&["check", "small.obj"]);
    assert!(
        text.contains(
            "warning[model-size]: The model is 8 cm wide and its tallest building 16 cm high"
        ),
        "{text}"
    );
}

#[test]
fn a_broken_model_gives_one_clear_error() {
    let place = Workplace::new();
    place.write("probes.csv", probes());
    let good = obj(|c| c);
    let (json, _) = gltf_parts("\"uri\":\"gone.bin\",");
    let glb = glb();
    let nan = {
        let mut bytes = glb.clone();
        let at = bytes.len() - 168;
        bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    };
    let index = {
        let mut bytes = glb.clone();
        let at = bytes.len() - 72;
        bytes[at] = 200;
        bytes
    };
    let replaced = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let bare = r#"{"asset":{"version":"2.0"},"scenes":[{"nodes":[]}]}"#;
    let cases: [(&str, Vec<u8>, i32, &[&str]); 14] = [
        ("empty.obj", Vec::new(), 65, &["city::empty", "empty.obj"]),
        ("empty.glb", Vec::new(), 65, &["city::empty", "empty.glb"]),
        (
            "nan.obj",
            replaced("v 10 -10 0", "v 10 NaN 0"),
            65,
            &["city::syntax", "nan.obj:5", "not finite", "`v 10 NaN 0`"],
        ),
        (
            "inf.obj",
            replaced("v 10 -10 0", "v 10 -1e999 0"),
            65,
            &["city::syntax", "inf.obj:5", "not finite"],
        ),
        (
            "index.obj",
            replaced("f 4 3 2 1", "f 4 3 2 17"),
            65,
            &[
                "city::syntax",
                "index.obj:12",
                "expected: 1 to 8",
                "found: 17",
            ],
        ),
        (
            "points.obj",
            good.split_once("\nf").unwrap().0.into(),
            65,
            &["city::no-geometry", "points.obj", "has no surfaces"],
        ),
        (
            "flat.obj",
            obj(|[x, y, _]| [x, y, 0.0]).into(),
            65,
            &["city::no-geometry", "flat.obj", "no building", "up_axis"],
        ),
        (
            "nan.glb",
            nan,
            65,
            &["city::syntax", "not finite", "meshes[0]"],
        ),
        (
            "index.glb",
            index,
            65,
            &["city::syntax", "expected: less than 8", "found: 200"],
        ),
        (
            "cut.glb",
            glb[..glb.len() / 2].into(),
            65,
            &["city::truncated", "cut.glb", "expected", "bytes"],
        ),
        (
            "head.glb",
            glb[..9].into(),
            65,
            &["city::truncated", "head.glb"],
        ),
        (
            "none.gltf",
            bare.into(),
            65,
            &["city::no-geometry", "none.gltf"],
        ),
        (
            "gone.gltf",
            json.clone().into(),
            66,
            &["city::missing", "gone.gltf, buffers[0]", "gone.bin"],
        ),
        (
            "net.gltf",
            json.replace("gone.bin", "https://example.org/b.bin").into(),
            65,
            &["city::unsupported", "net.gltf, buffers[0]", "never read"],
        ),
    ];
    for (file, bytes, code, parts) in cases {
        place.write(file, bytes);
        place.write("wind.toml", wind_scenario(file, ""));
        for command in [&["check", "wind.toml"][..], &["run", "wind.toml"]] {
            let outcome = place
                .run(command)
                .ends_with(code)
                .says(parts)
                .says(&["help: "]);
            outcome.says_once("error[");
        }
    }
}

#[test]
fn nine_cubes_of_a_wind_tunnel_are_nine_buildings() {
    let Some(data) = planspiel::verify::data_root_or_skip("nine_cubes_of_a_wind_tunnel") else {
        return;
    };
    let place = Workplace::new();
    let model = std::fs::read(data.join("wind/aij_case_c/geometry_2H.glb")).unwrap();
    place.write("2H.glb", model);
    place.write("probes.csv", probes());
    place.write("wind.toml", wind_scenario("2H.glb", ""));
    let text = place.stdout_of(&["check", "wind.toml"]);
    assert!(
        text.contains("9 buildings") && text.contains("model-size"),
        "{text}"
    );
}
