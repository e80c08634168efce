//! The client's requests, and who answered them.

use super::stage::Stage;
use crate::process;

/// The answers to some requests for one site.
pub(super) struct Answers(Vec<Answer>);

struct Answer {
    status: String,
    nginx: String,
    apache: String,
}

impl Answers {
    /// How many requests there were.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all were answered with 200.
    pub(super) fn are_ok(&self) -> bool {
        self.0.iter().all(Answer::is_ok)
    }

    /// How many came through this nginx.
    pub(super) fn by_nginx(&self, host: &str) -> usize {
        self.0.iter().filter(|answer| answer.nginx == host).count()
    }

    /// How many came from this apache.
    pub(super) fn by_apache(&self, host: &str) -> usize {
        self.0.iter().filter(|answer| answer.apache == host).count()
    }

    fn row(&self, title: &str, cell: fn(&Answer) -> &str) -> String {
        let cells: Vec<String> = self
            .0
            .iter()
            .map(|answer| format!("{:<8}", cell(answer)))
            .collect();
        format!("   {title:<7} {}", cells.join(" ").trim_end())
    }
}

/// Makes `count` requests from the client, one after the other, and shows who answered.
pub(super) fn ask(stage: &mut Stage<'_>, site: &str, count: usize) -> Answers {
    let url = format!("http://{site}/");
    stage.type_on(
        "client",
        &format!("for i in $(seq {count}); do curl -i {url}; done"),
    );
    let client = stage.site().host("client");
    let outputs = client.enter(|| {
        let request = [
            "-sS",
            "-i",
            "--noproxy",
            "*",
            "--max-time",
            "5",
            url.as_str(),
        ];
        (0..count)
            .map(|_| process::output("curl", &request))
            .collect::<Vec<_>>()
    });
    let mut answers = Answers(Vec::new());
    for output in outputs {
        if !output.is_success() {
            stage.say(output.stderr.trim_end());
        }
        let answer = Answer::read(&output.stdout);
        stage.count_request(answer.is_ok());
        answers.0.push(answer);
    }
    for row in [
        answers.row("status", |answer| &answer.status),
        answers.row("nginx", |answer| &answer.nginx),
        answers.row("apache", |answer| &answer.apache),
    ] {
        stage.line(&row);
    }
    answers
}

impl Answer {
    fn is_ok(&self) -> bool {
        self.status == "200"
    }

    /// Reads an answer with its headers; what is not there is "-".
    fn read(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let (headers, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let status = headers
            .lines()
            .next()
            .and_then(|line| line.split(' ').nth(1));
        let nginx = headers
            .lines()
            .find_map(|line| line.strip_prefix("X-Served-By: "));
        let apache = Some(body.trim()).filter(|body| !body.is_empty());
        let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        Self {
            status: or_dash(status),
            nginx: or_dash(nginx),
            apache: or_dash(apache),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_both_servers() {
        let answer = Answer::read("HTTP/1.1 200 OK\r\nX-Served-By: nginx2\r\n\r\napache1\n");
        assert!(answer.is_ok());
        assert_eq!(
            (answer.nginx.as_str(), answer.apache.as_str()),
            ("nginx2", "apache1")
        );
    }

    #[test]
    fn no_answer_is_not_ok() {
        let answer = Answer::read("");
        assert!(!answer.is_ok());
        assert_eq!(answer.nginx, "-");
    }
}
