//! Which commands bring `ip_vs` into the kernel: what no machine's own kernel may be put through.

use std::path::Path;

use ipvs_lab::{in_namespace, process};

use crate::common::modules::unload;
use crate::common::program::typed;

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_asks_nothing_of_the_kernel_does_not_load_ip_vs() {
    in_namespace(|| {
        unload();
        for (line, status) in [
            ("--help", 0),
            ("help add-service", 0),
            ("add-service --help", 0),
            ("--version", 0),
            ("completions bash", 0),
            ("", 2),
            ("add-service", 2),
            ("add-service -t nowhere", 2),
            ("flush", 2),
            ("restore", 1),
            ("restore --format ipvsadm", 0),
        ] {
            let said = typed(line, "");
            assert_eq!(said.status, Some(status), "{line}: {}", said.stderr);
            let is_loaded = Path::new("/proc/thread-self/net/ip_vs").exists();
            assert!(!is_loaded, "after {line}");
        }
        // Nor do rules with an error in them, and nobody's privileges are needed.
        assert_eq!(typed("restore", "[[service]]\n").status, Some(1));
        assert!(!Path::new("/proc/thread-self/net/ip_vs").exists());
        let bare = [
            "--bounding-set=-all",
            "--inh-caps=-all",
            "ipvs-rs",
            "--help",
        ];
        process::run("setpriv", &bare);
    });
}
