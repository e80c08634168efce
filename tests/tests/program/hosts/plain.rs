//! Hosts with nothing special: what the rest of the matrix is compared with.

use super::row::{PLAIN, rows};

rows! {
    a_plain_director_serves: Director PLAIN;
    a_plain_real_server_serves: RealServer PLAIN;
}
