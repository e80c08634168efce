//! The program `ipvs-rs` on a kernel without IPVS.

use ipvs_lab::in_namespace;
use ipvs_lab::process::Output;

use crate::common::modules::Unloadable;
use crate::common::program::{json, typed};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_kernel_without_ipvs_is_told_from_one_that_refuses() {
    in_namespace(|| {
        let kernel = Unloadable::new();
        for command in ["list", "info --output json", "add-service -t 192.0.2.10:80"] {
            let unavailable = Output {
                stdout: String::new(),
                stderr: "error: IPVS is not in this kernel: load it with `modprobe ip_vs`\n"
                    .to_owned(),
                status: Some(1),
            };
            assert_eq!(typed(command, ""), unavailable, "{command}");
        }
        drop(kernel);
        assert_eq!(json("list"), serde_json::json!({"services": []}));
    });
}
