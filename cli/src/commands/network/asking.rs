use std::io::{self, IsTerminal, Stderr};

use lbnet::Prepared;

use crate::shown::Line;

/// Shows on standard error, if it is a terminal, for what the command waits while it asks the network.
pub(crate) struct Asking(Option<Line<Stderr>>);

impl Asking {
    pub(crate) fn show(prepared: &Prepared<'_>) -> Self {
        let stderr = io::stderr();
        let text = question(prepared).filter(|_| stderr.is_terminal());
        Self(text.map(|text| {
            let mut line = Line::new(stderr, true);
            // If standard error cannot be written to, the work goes on.
            let _ = line.show(text);
            line
        }))
    }

    pub(crate) fn end(self) {
        if let Some(line) = self.0 {
            let _ = line.end();
        }
    }
}

fn question(prepared: &Prepared<'_>) -> Option<String> {
    let what = match prepared.questions() {
        [] => return None,
        [(vip, device)] => format!("{vip} on {device}"),
        many => format!("{} virtual IPs", many.len()),
    };
    let longest = prepared.longest().as_secs_f32();
    Some(format!(
        "asking whether another host has {what} (at most {longest} s)"
    ))
}
