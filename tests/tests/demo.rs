//! The demo is also a test.

use ipvs_lab::demo;

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_whole_site_works_from_nothing_to_nothing() {
    let mut told = Vec::new();
    let outcome = demo::play(&mut told, false);
    let told = String::from_utf8_lossy(&told);
    assert!(
        outcome.failed.is_empty(),
        "failed expectations: {:#?}\n{told}",
        outcome.failed
    );
    assert_eq!((outcome.requests, outcome.errors), (32, 0), "{told}");
}
