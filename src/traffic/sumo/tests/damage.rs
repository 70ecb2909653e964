//! Files cut off and with wrong bytes.

use super::*;

/// Numbers for the damage below.
fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    (*state >> 33) as usize
}

#[test]
fn damaged_bytes_never_panic() {
    let mut state = 1;
    let read = |net: &[u8], demand: &[u8]| {
        let Ok(net) = Source::decode("a.net.xml".into(), net.to_vec()) else {
            return;
        };
        let Ok(demand) = Source::decode("a.xml".into(), demand.to_vec()) else {
            return;
        };
        // Only the absence of a panic counts; a flipped digit may give another, valid scenario.
        let result = assemble(
            &Config::default(),
            &net,
            || Ok(vec![demand]),
            Log::default(),
        );
        if let Err(error) = result {
            assert!(error.to_string().contains("help: "), "{error}");
        }
    };
    for cut in 0..200 {
        read(&NET.as_bytes()[..cut * NET.len() / 200], DEMAND.as_bytes());
        read(
            NET.as_bytes(),
            &DEMAND.as_bytes()[..cut * DEMAND.len() / 200],
        );
    }
    for _ in 0..4_000 {
        let mut net = NET.as_bytes().to_vec();
        let mut demand = DEMAND.as_bytes().to_vec();
        for _ in 0..1 + next(&mut state) % 3 {
            let (at, to) = (next(&mut state), next(&mut state));
            // Digits become other digits often: those damages pass the XML reader.
            let change = |byte: u8| match byte {
                b'0'..=b'9' => b'0' + (to % 10) as u8,
                _ if to % 2 == 0 => b" \"<>&/=-:_,.eN\xff\0"[to / 2 % 16],
                _ => to as u8,
            };
            let text = if at % 2 == 0 { &mut net } else { &mut demand };
            let at = at / 2 % text.len();
            text[at] = change(text[at]);
        }
        read(&net, &demand);
    }
}

#[test]
fn damaged_real_files_never_panic() {
    let Some(folder) = data("damaged_real_files_never_panic", "tavf-hamburg") else {
        return;
    };
    let bytes = std::fs::read(folder.join("network.net.xml.gz")).unwrap();
    let plain = Source::read(&folder.join("network.net.xml.gz"), None).unwrap();
    let mut state = 2;
    let read = |bytes: &[u8]| {
        if let Ok(source) = Source::decode("n".into(), bytes.to_vec()) {
            let mut log = Log::default();
            if crate::traffic::sumo::network::read(&source, &mut log).is_ok() {
                drop(log.faults.check());
            }
        }
    };
    for cut in 0..200 {
        read(&bytes[..cut * bytes.len() / 200]);
        read(&plain.text.as_bytes()[..cut * plain.text.len() / 200]);
    }
    for _ in 0..60 {
        let mut damaged = bytes.clone();
        let at = next(&mut state) % damaged.len();
        damaged[at] ^= 1 << (next(&mut state) % 8);
        read(&damaged);
        let mut damaged = plain.text.clone().into_bytes();
        for _ in 0..20 {
            let at = next(&mut state) % damaged.len();
            if damaged[at].is_ascii_digit() {
                damaged[at] = b'0' + (next(&mut state) % 10) as u8;
            }
        }
        read(&damaged);
    }
}
