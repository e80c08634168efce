use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ipvs::Namespace;
use lbnet::Netns;

/// A network namespace, as `--netns` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NetnsName {
    /// By its `ip netns` name.
    Named(String),
    /// By the path of its file.
    At(PathBuf),
    /// That of a process.
    OfProcess(u32),
}

impl NetnsName {
    /// The namespace for IPVS.
    pub(crate) fn for_ipvs(&self) -> Result<Namespace, ipvs::Error> {
        match self {
            Self::Named(name) => Namespace::named(name),
            Self::At(path) => Namespace::at(path),
            Self::OfProcess(pid) => Namespace::of_process(*pid),
        }
    }

    /// The namespace for the host's network.
    pub(crate) fn for_host(&self) -> Result<Netns, lbnet::Error> {
        match self {
            Self::Named(name) => Netns::named(name),
            Self::At(path) => Netns::at(path),
            Self::OfProcess(pid) => Netns::of_process(*pid),
        }
    }
}

impl FromStr for NetnsName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if let Some(pid) = text.strip_prefix("pid:") {
            let digits = pid.bytes().all(|byte| byte.is_ascii_digit());
            let pid = pid.parse().ok().filter(|pid| digits && *pid > 0);
            return pid
                .map(Self::OfProcess)
                .ok_or("expected the number of a process, such as pid:1234");
        }
        match text {
            "" => Err("expected a name, a path or pid:NUMBER"),
            path if path.contains('/') => Ok(Self::At(path.into())),
            name => Ok(Self::Named(name.to_owned())),
        }
    }
}

/// As it is typed.
impl fmt::Display for NetnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::At(path) => path.display().fmt(f),
            Self::OfProcess(pid) => write!(f, "pid:{pid}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_name_a_path_or_a_process() {
        for (text, expected) in [
            ("web", NetnsName::Named("web".to_owned())),
            ("/proc/7/ns/net", NetnsName::At("/proc/7/ns/net".into())),
            ("./web", NetnsName::At("./web".into())),
            ("pid:7", NetnsName::OfProcess(7)),
        ] {
            let parsed: NetnsName = text.parse().unwrap();
            assert_eq!(parsed, expected);
            assert_eq!(parsed.to_string(), text);
        }
        for text in ["", "pid:", "pid:0", "pid:+7", "pid:x", "pid:4294967296"] {
            assert!(text.parse::<NetnsName>().is_err(), "{text}");
        }
    }
}
