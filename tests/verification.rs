//! The cases of `planspiel verify`, as tests.

use planspiel::verify::{DOMAINS, Verdict, data_root_or_skip, table};

fn all_pass(domain: &str) {
    let data = data_root_or_skip(domain);
    let (_, cases) = DOMAINS.iter().find(|(name, _)| *name == domain).unwrap();
    let cases = cases(data.as_deref());
    assert!(!cases.is_empty());
    let failed = cases.iter().filter(|c| c.verdict == Verdict::Fail).count();
    assert_eq!(failed, 0, "\n{}", table(&cases));
    if data.is_some() {
        let all = cases.iter().all(|c| c.verdict == Verdict::Pass);
        assert!(all, "\n{}", table(&cases));
    }
}

#[test]
fn city_cases_pass() {
    all_pass("city");
}

#[test]
fn sun_cases_pass() {
    all_pass("sun");
}
