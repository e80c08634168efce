//! Devices with other names.

use super::row::{PLAIN, Row, rows};

const ALTERNATIVE: Row = Row {
    section: "A device with an alternative name",
    make: "ip link property add dev eth0 altname enp0s31f6",
    device: "enp0s31f6",
    ..PLAIN
};

/// Longer than a name can be.
const LONG_ALTERNATIVE: Row = Row {
    make: "ip link property add dev eth0 altname enp0s31f6
           ip link property add dev eth0 altname network-of-the-clients",
    device: "network-of-the-clients",
    ..ALTERNATIVE
};

rows! {
    a_director_with_an_alternative_name_serves: Director ALTERNATIVE;
    a_real_server_with_an_alternative_name_serves: RealServer ALTERNATIVE;
    a_director_with_a_long_alternative_name_serves: Director LONG_ALTERNATIVE;
    a_real_server_with_a_long_alternative_name_serves: RealServer LONG_ALTERNATIVE;
}
