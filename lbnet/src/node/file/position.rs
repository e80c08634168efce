//! Where in a text something is, as editors count.

/// A line and a column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    /// The position of the character that begins at this byte.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: in_line.trim_start_matches('\u{feff}').chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &str, part: &str) -> (usize, usize) {
        let Position { line, column } = Position::of(text, text.find(part).unwrap());
        (line, column)
    }

    #[test]
    fn lines_and_columns_are_counted_from_1() {
        assert_eq!(position("tcp = 1\nudp = 2\n", "tcp"), (1, 1));
        assert_eq!(position("tcp = 1\nudp = 2\n", "2"), (2, 7));
        assert_eq!(position("tcp = 1\r\n\r\nudp = 2", "udp"), (3, 1));
    }

    #[test]
    fn columns_are_characters_and_a_byte_order_mark_is_none() {
        assert_eq!(position("name = \"ü\", x", "x"), (1, 13));
        assert_eq!(position("\u{feff}tcp", "tcp"), (1, 1));
    }

    #[test]
    fn the_end_of_a_text_has_a_position() {
        assert_eq!(Position::of("a\n", 2), Position { line: 2, column: 1 });
        assert_eq!(Position::of("a", 7), Position { line: 1, column: 2 });
    }
}
