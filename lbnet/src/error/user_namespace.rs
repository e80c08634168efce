//! Which user namespace this process is in, because the kernel asks for some capabilities in another one.

use std::fs;

/// The user namespace of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserNamespace {
    Initial,
    Other,
}

impl UserNamespace {
    pub(crate) fn of_this_process() -> Self {
        // Without it, nothing keeps the kernel's answers from being taken as they are.
        fs::read_to_string("/proc/self/uid_map").map_or(Self::Initial, |map| Self::by(&map))
    }

    /// In the initial user namespace, and in none that an ordinary user makes, all users are themselves.
    fn by(map: &str) -> Self {
        let words: Vec<_> = map.split_whitespace().collect();
        if words == ["0", "0", "4294967295"] {
            Self::Initial
        } else {
            Self::Other
        }
    }

    /// Names the privilege to change a network.
    pub(crate) fn net_admin(self) -> &'static str {
        match self {
            Self::Initial => "CAP_NET_ADMIN",
            Self::Other => {
                "CAP_NET_ADMIN in the initial user namespace, or in the one that owns this network namespace"
            }
        }
    }

    /// Names the privilege to write a file of root.
    pub(crate) fn root(self) -> &'static str {
        match self {
            Self::Initial => "root",
            Self::Other => "root of the initial user namespace",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_of_a_user_namespace_is_not_taken_for_root_of_the_machine() {
        let initial = "         0          0 4294967295\n";
        assert_eq!(UserNamespace::by(initial), UserNamespace::Initial);
        for other in ["         0       1000          1\n", "0 100000 65536\n", ""] {
            assert_eq!(UserNamespace::by(other), UserNamespace::Other);
        }
    }
}
